using System.Text.RegularExpressions;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Notifications;

/// <summary>
/// Tells one address what happens: the audit trail and each run in order, each event until it is taken or given up. How far it got is stored
/// with the supervisor after every event that was sent, so that whichever process hosts it next goes on there.
/// </summary>
internal sealed class Webhook
{
    /// <summary>Pages that are read of one stream before the others get their turn.</summary>
    private const int MaxPages = 20;

    private static readonly TimeSpan ForgetInterval = TimeSpan.FromHours(1);

    private readonly WebhookSettings settings;
    private readonly NotificationSettings notifications;
    private readonly EventSource source;
    private readonly WebhookSender sender;
    private readonly TimeProvider time;
    private readonly Serilog.ILogger logger;
    private readonly Regex types;

    private readonly Dictionary<string, long> streams = new(StringComparer.Ordinal);
    private readonly HashSet<string> over = new(StringComparer.Ordinal);
    private DateTimeOffset? since;
    private long followedAt;

    /// <param name="http">Must not follow redirects by itself: what is signed is for one address.</param>
    public Webhook(
        WebhookSettings settings, NotificationSettings notifications, EventSource source, HttpClient http, TimeProvider time, Serilog.ILogger logger)
    {
        this.settings = settings;
        this.notifications = notifications;
        this.source = source;
        this.time = time;
        this.logger = logger;
        sender = new WebhookSender(settings, notifications, http, time, logger);
        types = EventTypes.Pattern(settings.Events);
    }

    /// <summary>Tells until it is cancelled.</summary>
    /// <param name="hurry">Once cancelled, what is left is tried once, without pauses, and that is the end.</param>
    public async Task Run(CancellationToken hurry, CancellationToken cancellationToken)
    {
        bool isLast;
        do
        {
            isLast = hurry.IsCancellationRequested;
            try
            {
                await Tell(hurry, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.Error(e, "The events for webhook {Webhook} cannot be read; it will be tried again", settings.Name);
            }

            await WebhookSender.Pause(isLast ? TimeSpan.Zero : notifications.PollInterval, time, hurry, cancellationToken);
        }
        while (!isLast);
    }

    private async Task Tell(CancellationToken hurry, CancellationToken cancellationToken)
    {
        var runs = await source.Runs(cancellationToken);
        if (runs is null)
        {
            // Another process goes on from what is stored.
            since = null;
            streams.Clear();
            over.Clear();
            return;
        }

        if (!await Follow(runs, cancellationToken))
        {
            return;
        }

        if (!await Tell(EventSource.AuditTrail, hurry, cancellationToken))
        {
            return;
        }

        foreach (var run in runs.Where(run => !over.Contains(run.Id)))
        {
            if (run.FinishedAt is not { } end || end >= since)
            {
                if (!await Tell(run.Id, hurry, cancellationToken))
                {
                    return;
                }
            }

            if (run.FinishedAt is not null)
            {
                over.Add(run.Id);
            }
        }
    }

    /// <summary>Learns how far it got before, and now and then lets go of runs that nobody lists any more.</summary>
    private async Task<bool> Follow(IReadOnlyList<RunSummary> runs, CancellationToken cancellationToken)
    {
        if (since is not null && time.GetElapsedTime(followedAt) < ForgetInterval)
        {
            return true;
        }

        // A supervisor that has just begun reads the histories of ended runs one after another: what it does not list yet must not be forgotten.
        var isFirst = since is null;
        var now = time.GetUtcNow();
        var all = notifications.Webhooks.Select(webhook => webhook.Name).ToList();
        var order = new FollowWebhooks(all, now - notifications.Lookback, isFirst ? [] : [.. runs.Select(run => run.Id)], now);
        var place = (await source.Places(order, cancellationToken))?.FirstOrDefault(candidate => candidate.Webhook == settings.Name);
        if (place is null)
        {
            return false;
        }

        since = place.Since;
        followedAt = time.GetTimestamp();
        foreach (var stream in place.Streams)
        {
            streams[stream.Stream] = Math.Max(stream.Through, streams.GetValueOrDefault(stream.Stream));
        }

        if (isFirst)
        {
            return true;
        }

        var known = runs.Select(run => run.Id).Append(EventSource.AuditTrail).ToHashSet(StringComparer.Ordinal);
        over.IntersectWith(known);
        foreach (var gone in streams.Keys.Where(stream => !known.Contains(stream)).ToList())
        {
            streams.Remove(gone);
        }

        return true;
    }

    /// <returns>Whether it got to the end of what there is; if not, the next look goes on.</returns>
    private async Task<bool> Tell(string stream, CancellationToken hurry, CancellationToken cancellationToken)
    {
        for (var page = 0; page < MaxPages; page++)
        {
            var events = await source.Read(stream, streams.GetValueOrDefault(stream), since ?? DateTimeOffset.MinValue, cancellationToken);
            if (events is null or [])
            {
                return events is not null;
            }

            foreach (var e in events)
            {
                var isWanted = IsWanted(e.Event);
                if (isWanted && !await sender.Send(e.Event, source.IsHost, hurry, cancellationToken))
                {
                    return false;
                }

                streams[stream] = e.Sequence;
                if (isWanted || e == events[^1])
                {
                    // Without an answer it is stored with the next one; until then only this process knows.
                    await source.Places(new MoveWebhook(settings.Name, stream, e.Sequence, time.GetUtcNow()), cancellationToken);
                }
            }
        }

        return false;
    }

    /// <summary>What concerns all clusters concerns each of them.</summary>
    private bool IsWanted(CloudEvent e) =>
        e.Time >= since
        && types.IsMatch(e.Type[CloudEvent.TypePrefix.Length..])
        && (settings.Clusters.Count == 0 || e.Data.Cluster is null || settings.Clusters.Contains(e.Data.Cluster));
}
