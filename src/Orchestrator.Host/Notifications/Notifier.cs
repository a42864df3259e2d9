using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Notifications;

/// <summary>Tells the configured webhooks what happens, as long as it lives; each for itself, so that a dead address holds up no other.</summary>
internal sealed class Notifier : IAsyncDisposable
{
    private readonly CancellationTokenSource hurry = new();
    private readonly CancellationTokenSource ending = new();
    private readonly HttpClient http;
    private readonly Task work;

    private Notifier(HttpClient http, IEnumerable<Webhook> webhooks)
    {
        this.http = http;
        work = Task.WhenAll(webhooks.Select(webhook => Task.Run(() => webhook.Run(hurry.Token, ending.Token))));
    }

    /// <param name="http">Belongs to it from now on; must not follow redirects.</param>
    public static Notifier Start(NotificationSettings settings, EventSource source, HttpClient http, TimeProvider time, Serilog.ILogger logger) =>
        new(http, [.. settings.Webhooks.Select(webhook => new Webhook(webhook, settings, source, http, time, logger))]);

    /// <summary>Sends what is there, each event once more at most, for no longer than the limit. What is left is for the next process.</summary>
    public async Task Finish(TimeSpan limit)
    {
        await hurry.CancelAsync();
        try
        {
            await work.WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            // The address is slow or away; the place in the journal says where to go on.
        }
    }

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
        hurry.Dispose();
        ending.Dispose();
    }
}
