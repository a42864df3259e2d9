using System.Globalization;
using System.Net;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Notifications;

/// <summary>Sends events to one address, each again and again with growing pauses until it is taken or too old.</summary>
internal sealed class WebhookSender(
    WebhookSettings settings, NotificationSettings notifications, HttpClient http, TimeProvider time, Serilog.ILogger logger)
{
    /// <param name="mayGoOn">Asked before each further attempt: whether sending is still this process's job.</param>
    /// <param name="hurry">Once cancelled there is one attempt more at most.</param>
    /// <returns>Whether the event is done with: taken, or given up. If not, it has to be sent later, by whoever it may be.</returns>
    public async Task<bool> Send(
        CloudEvent e, Func<CancellationToken, Task<bool>> mayGoOn, CancellationToken hurry, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var body = e.ToJson();
        var pause = notifications.MinBackoff;
        for (var attempt = 1; ; attempt++)
        {
            var isLast = hurry.IsCancellationRequested;
            var (taken, problem) = await Attempt(e, body, cancellationToken);
            if (taken)
            {
                return true;
            }

            // By its age too, so that what piled up while an address was away for long does not hold up what comes after it.
            if (problem.Length == 0 || time.GetElapsedTime(started) + pause > notifications.RetryFor || time.GetUtcNow() - e.Time > notifications.RetryFor)
            {
                logger.Warning(
                    "Webhook {Webhook} did not accept {Type} {Id} in {Attempts} attempts; giving up: {Problem}",
                    settings.Name, e.Type, e.Id, attempt, problem.Length == 0 ? "the address is gone (410)" : problem);
                return true;
            }

            if (attempt == 1)
            {
                logger.Warning("Webhook {Webhook} did not accept {Type} {Id}; it will be tried again: {Problem}", settings.Name, e.Type, e.Id, problem);
            }

            if (isLast)
            {
                return false;
            }

            await Pause(pause, time, hurry, cancellationToken);
            if (!await mayGoOn(cancellationToken))
            {
                return false;
            }

            pause = pause * 2 < notifications.MaxBackoff ? pause * 2 : notifications.MaxBackoff;
        }
    }

    /// <summary>Waits; no longer than until somebody is in a hurry.</summary>
    public static async Task Pause(TimeSpan pause, TimeProvider time, CancellationToken hurry, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(hurry, cancellationToken);
        try
        {
            await Task.Delay(pause, time, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Somebody is.
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
            return (false, OutgoingHttp.Reason(exception));
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
}
