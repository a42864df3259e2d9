using Orchestrator.Core;
using Orchestrator.Core.Windows;
using Orchestrator.Host.Notifications;

namespace Orchestrator.Host.Configuration;

/// <summary>Reads who is told of what happens.</summary>
internal static class NotificationBinder
{
    private static readonly string[] DefaultEvents = ["run-*", "step-failed", "check-failed-disk-space", "audit-freeze", "audit-lift-freeze", "audit-end-freeze", "audit-missed-windows"];

    public static NotificationSettings ReadNotifications(SettingsReader notifications)
    {
        var settings = new NotificationSettings
        {
            Webhooks = ReadWebhooks(notifications.Section("webhooks")),
            PollInterval = notifications.Duration("poll-interval", "100ms", "1m"),
            Lookback = notifications.Duration("lookback", "0s", "1d"),
            Timeout = notifications.Duration("timeout", "100ms", "5m"),
            MinBackoff = notifications.Duration("min-backoff", "10ms", "1h"),
            MaxBackoff = notifications.Duration("max-backoff", "10ms", "1d"),
            RetryFor = notifications.Duration("retry-for", "0s", "7d"),
        };
        if (settings.MinBackoff > TimeSpan.Zero && settings.MaxBackoff > TimeSpan.Zero && settings.MaxBackoff < settings.MinBackoff)
        {
            notifications.Fail(
                "max-backoff", $"expected at least min-backoff ({DurationText.Exact(settings.MinBackoff)}), found {DurationText.Exact(settings.MaxBackoff)}", 0);
        }

        return settings;
    }

    private static List<WebhookSettings> ReadWebhooks(SettingsReader webhooks)
    {
        var read = new List<WebhookSettings>();
        foreach (var name in webhooks.Keys())
        {
            if (PlainName.Check(name) is { } problem)
            {
                webhooks.Fail(name, problem, 0);
            }

            var hook = webhooks.Section(name);
            var address = hook.Secret("url").Value;
            if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            {
                // The address is not shown: it may hold a secret.
                url = hook.Fail("url", "expected a URL such as https://hooks.example/orchestrator", new Uri("http://127.0.0.1"));
            }

            read.Add(new WebhookSettings(
                name,
                url,
                hook.Secret("secret"),
                hook.Optional("events", key => hook.TextList(key, EventTypes.Problem), DefaultEvents),
                hook.Optional<IReadOnlyList<string>>("clusters", key => hook.TextList(key, _ => null), [])));
        }

        return read;
    }
}
