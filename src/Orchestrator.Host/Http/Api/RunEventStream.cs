using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Limits;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Http.Translation;

namespace Orchestrator.Host.Http.Api;

/// <summary>
/// Serves a run's events as server-sent events (WHATWG HTML, 9.2). It reads the supervisor's history in long polls, so
/// that a stream holds nothing there and survives a change of supervisor.
/// </summary>
internal static class RunEventStream
{
    /// <summary>How long the stream stays silent at most; then a comment shows that it lives.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    /// <summary>The progress of a run of thousands of steps is long: it follows events that come fast after this pause, once for all of them.</summary>
    private static readonly TimeSpan ProgressPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Pause before the supervisor is asked again after it did not answer.</summary>
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    public static async Task<IResult> Serve(
        string run, HttpContext http, SupervisorGateway supervisor, TimeProvider time, CancellationToken cancellationToken)
    {
        var lastEventId = http.Request.Headers["Last-Event-ID"].ToString();
        if (!TryReadSequence(lastEventId, out var after))
        {
            return Problems.Invalid("Last-Event-ID", $"must be the id of an event of this run, not '{lastEventId}'");
        }

        if (http.RequestServices.GetRequiredService<RequestLimits>().OpenStream(http) is { } tooMany)
        {
            return tooMany;
        }

        // A first look without waiting: a run that does not exist is a 404, not an empty stream.
        var (first, problem) = await Read(supervisor, run, after, TimeSpan.Zero, cancellationToken);
        if (first is null)
        {
            return problem!;
        }

        if (http.Refusal(Permission.View, first.Run.Plan.Request.Cluster) is { } refusal)
        {
            return refusal;
        }

        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
        try
        {
            await Stream(http.Response, supervisor, time, run, after, first, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client is gone; nobody is left to tell.
        }

        return TypedResults.Empty;
    }

    private static async Task Stream(
        HttpResponse response,
        SupervisorGateway supervisor,
        TimeProvider time,
        string run,
        long after,
        RunEventBatch batch,
        CancellationToken cancellationToken)
    {
        var lastProgress = "";
        long? toldAt = null;
        var next = batch;
        while (true)
        {
            var ended = false;
            foreach (var recorded in next.Events)
            {
                var dto = recorded.ToDto();
                await Write(response, dto.Type, dto.Sequence, Json(dto, ApiJson.Context.RunEventDto), cancellationToken);
                after = recorded.Sequence;
                ended |= recorded.Event.IsTerminal();
            }

            if (ended || (next.Events.Count == 0 && next.Run.FinishedAt is not null))
            {
                return;
            }

            var isDue = toldAt is not { } at || time.GetElapsedTime(at) >= ProgressPause;
            var progress = isDue ? Json(next.Run.ToProgressDto(), ApiJson.Context.RunProgressDto) : lastProgress;
            if (progress != lastProgress)
            {
                await Write(response, "progress", null, progress, cancellationToken);
                (lastProgress, toldAt) = (progress, time.GetTimestamp());
            }
            else if (isDue && next.Events.Count == 0)
            {
                await response.WriteAsync(": heartbeat\n\n", cancellationToken);
            }

            await response.Body.FlushAsync(cancellationToken);
            next = await ReadOn(response, supervisor, time, run, after, isDue ? Heartbeat : ProgressPause, cancellationToken);
        }
    }

    /// <summary>Waits for what follows, also while there is no supervisor; the client decides when to give up.</summary>
    private static async Task<RunEventBatch> ReadOn(
        HttpResponse response,
        SupervisorGateway supervisor,
        TimeProvider time,
        string run,
        long after,
        TimeSpan wait,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var (batch, _) = await Read(supervisor, run, after, wait, cancellationToken);
            if (batch is not null)
            {
                return batch;
            }

            await response.WriteAsync(": the supervisor does not answer; asking again\n\n", cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
            await Task.Delay(RetryPause, time, cancellationToken);
        }
    }

    private static Task<(RunEventBatch? Reply, IResult? Problem)> Read(
        SupervisorGateway supervisor, string run, long after, TimeSpan wait, CancellationToken cancellationToken) =>
        supervisor.Ask<RunEventBatch>(new ReadRunEvents(run, after, wait), SupervisorGateway.Quick + wait, cancellationToken);

    private static Task Write(HttpResponse response, string type, long? id, string data, CancellationToken cancellationToken)
    {
        var idLine = id is { } sequence ? string.Create(CultureInfo.InvariantCulture, $"id: {sequence}\n") : "";
        return response.WriteAsync($"{idLine}event: {type}\ndata: {data}\n\n", cancellationToken);
    }

    private static string Json<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.Serialize(value, type);

    private static bool TryReadSequence(string text, out long sequence)
    {
        sequence = 0;
        return text.Length == 0 || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out sequence);
    }
}
