using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Notifications;

/// <summary>Tells the configured webhooks what happens, as long as it lives.</summary>
internal sealed class Notifier : IAsyncDisposable
{
    private readonly CancellationTokenSource ending = new();
    private readonly HttpClient http;
    private readonly Task work;

    private Notifier(HttpClient http, Func<HttpClient, CancellationToken, Task> work)
    {
        this.http = http;
        this.work = Task.Run(() => work(http, ending.Token));
    }

    /// <param name="http">Belongs to it from now on; must not follow redirects.</param>
    public static Notifier Start(
        NotificationSettings settings, RunEventSource source, HttpClient http, TimeProvider time, Serilog.ILogger logger) =>
        new(http, (client, cancellationToken) =>
        {
            var webhooks = settings.Webhooks.Select(webhook => new Webhook(webhook, settings, client, time, logger)).ToList();
            return Task.WhenAll([
                .. webhooks.Select(webhook => webhook.Run(cancellationToken)),
                Poll(settings, source, webhooks, time, logger, cancellationToken),
            ]);
        });

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        try
        {
            await work;
        }
        catch (OperationCanceledException)
        {
            // That is how it ends. What was not delivered is sent by the next process that hosts the supervisor.
        }

        http.Dispose();
        ending.Dispose();
    }

    private static async Task Poll(
        NotificationSettings settings,
        RunEventSource source,
        List<Webhook> webhooks,
        TimeProvider time,
        Serilog.ILogger logger,
        CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(settings.PollInterval, time);
        do
        {
            try
            {
                foreach (var e in await source.Poll(cancellationToken))
                {
                    webhooks.ForEach(webhook => webhook.Offer(e));
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.Error(e, "The events for webhooks cannot be read; it is tried again");
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }
}
