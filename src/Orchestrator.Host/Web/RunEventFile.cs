using System.Text.Json;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Http.Translation;

namespace Orchestrator.Host.Web;

/// <summary>All events of a run in one file: an array, in their order.</summary>
internal static class RunEventFile
{
    public static async Task<IResult> Serve(string run, HttpContext http, Administration administration, CancellationToken cancellationToken)
    {
        var (batch, problem) = await administration.Events(http.Caller(), run, 0, TimeSpan.Zero, cancellationToken);
        return batch is null
            ? problem!
            : TypedResults.Stream(
                async stream =>
                {
                    await using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
                    writer.WriteStartArray();
                    for (var next = batch; next is { Events: [.., var last] };)
                    {
                        foreach (var recorded in next.Events)
                        {
                            JsonSerializer.Serialize(writer, recorded.ToDto(), ApiJson.Context.RunEventDto);
                            await writer.FlushAsync(cancellationToken);
                        }

                        (next, _) = await administration.Events(http.Caller(), run, last.Sequence, TimeSpan.Zero, cancellationToken);
                    }

                    writer.WriteEndArray();
                },
                "application/json",
                $"run-{batch.Run.Id}-events.json");
    }
}
