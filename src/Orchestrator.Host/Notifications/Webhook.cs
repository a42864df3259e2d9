using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Notifications;

/// <summary>
/// Sends events to one address, in order, each again and again with growing pauses until it is taken or too old. What
/// does not fit into the queue pushes the oldest out.
/// </summary>
internal sealed class Webhook
{
    private readonly WebhookSettings settings;
    private readonly NotificationSettings notifications;
    private readonly HttpClient http;
    private readonly TimeProvider time;
    private readonly Serilog.ILogger logger;
    private readonly Regex types;
    private readonly Channel<CloudEvent> queue;

    /// <param name="http">Must not follow redirects by itself: what is signed is for one address.</param>
    public Webhook(WebhookSettings settings, NotificationSettings notifications, HttpClient http, TimeProvider time, Serilog.ILogger logger)
    {
        this.settings = settings;
        this.notifications = notifications;
        this.http = http;
        this.time = time;
        this.logger = logger;
        types = new Regex(
            $"^({string.Join('|', settings.Events.Select(pattern => Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)))})$",
            RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        queue = Channel.CreateBounded<CloudEvent>(
            new BoundedChannelOptions(notifications.QueueSize) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, Dropped);
    }

    /// <summary>Queues an event if the address wants it; never waits.</summary>
    public void Offer(CloudEvent e)
    {
        var isWanted = types.IsMatch(e.Type[CloudEvent.TypePrefix.Length..])
            && (settings.Clusters.Count == 0 || settings.Clusters.Contains(e.Data.Cluster));
        if (isWanted)
        {
            queue.Writer.TryWrite(e);
        }
    }

    /// <summary>Sends until it is cancelled.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        await foreach (var e in queue.Reader.ReadAllAsync(cancellationToken))
        {
            await Deliver(e, cancellationToken);
        }
    }

    private async Task Deliver(CloudEvent e, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var body = e.ToJson();
        var pause = notifications.MinBackoff;
        for (var attempt = 1; ; attempt++)
        {
            var (taken, problem) = await Attempt(e, body, cancellationToken);
            if (taken)
            {
                return;
            }

            if (problem.Length == 0 || time.GetElapsedTime(started) + pause > notifications.RetryFor)
            {
                logger.Warning(
                    "Webhook {Webhook} did not take {Type} {Id} in {Attempts} attempts; it is given up: {Problem}",
                    settings.Name, e.Type, e.Id, attempt, problem.Length == 0 ? "the address is gone (410)" : problem);
                return;
            }

            if (attempt == 1)
            {
                logger.Warning("Webhook {Webhook} did not take {Type} {Id}; it is tried again: {Problem}", settings.Name, e.Type, e.Id, problem);
            }

            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 < notifications.MaxBackoff ? pause * 2 : notifications.MaxBackoff;
        }
    }

    /// <returns>Whether it was taken; else why not, or nothing if it never will be.</returns>
    private async Task<(bool Taken, string Problem)> Attempt(CloudEvent e, byte[] body, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(notifications.Timeout);
        try
        {
            using var request = Request(e, body);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limited.Token);
            return response.StatusCode == HttpStatusCode.Gone
                ? (false, "")
                : (response.IsSuccessStatusCode, $"status {(int)response.StatusCode}");
        }
        catch (HttpRequestException exception)
        {
            return (false, exception.HttpRequestError.ToString());
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, "no answer in time");
        }
    }

    private HttpRequestMessage Request(CloudEvent e, byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, settings.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", CloudEvent.ContentType);
        request.Headers.TryAddWithoutValidation(WebhookSignature.IdHeader, e.Id);
        if (!settings.Secret.IsEmpty)
        {
            // The time of each attempt: receivers refuse what was signed long ago.
            var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
            request.Headers.TryAddWithoutValidation(WebhookSignature.TimestampHeader, timestamp.ToString(CultureInfo.InvariantCulture));
            request.Headers.TryAddWithoutValidation(
                WebhookSignature.SignatureHeader, WebhookSignature.Sign(settings.Secret.Value, e.Id, timestamp, body));
        }

        return request;
    }

    private void Dropped(CloudEvent e) =>
        logger.Warning("Webhook {Webhook} is too slow; {Type} {Id} is dropped from its full queue", settings.Name, e.Type, e.Id);
}
