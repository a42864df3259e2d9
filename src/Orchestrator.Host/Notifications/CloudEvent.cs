using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Translation;

namespace Orchestrator.Host.Notifications;

/// <summary>An event as webhooks get it: CloudEvents 1.0 in JSON's structured mode.</summary>
/// <param name="Id">Unique with the source: the run and the event's number in it; the same each time it is sent.</param>
/// <param name="Type"><c>orchestrator.</c> and the run event's type.</param>
/// <param name="Subject">Id of the run.</param>
internal sealed record CloudEvent(
    [property: JsonPropertyName("specversion")] string SpecVersion,
    string Id,
    string Source,
    string Type,
    string Subject,
    DateTimeOffset Time,
    [property: JsonPropertyName("datacontenttype")] string DataContentType,
    CloudEventData Data)
{
    public const string ContentType = "application/cloudevents+json";

    public const string TypePrefix = "orchestrator.";

    /// <summary>The event that tells of a run's event.</summary>
    public static CloudEvent Of(RunView run, RecordedRunEvent recorded)
    {
        var dto = recorded.ToDto();
        var cluster = run.Plan.Request.Cluster;
        return new CloudEvent(
            "1.0",
            FormattableString.Invariant($"{run.Id}-{recorded.Sequence}"),
            $"/clusters/{Uri.EscapeDataString(cluster)}",
            TypePrefix + dto.Type,
            run.Id,
            dto.At,
            "application/json",
            new CloudEventData(cluster, run.Id, run.State, run.Reason, run.Plan.Request.Options.Comment, run.BytesFreed, dto));
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CloudEventJsonContext.Default.CloudEvent);
}

/// <param name="State">State of the run when the event was sent.</param>
/// <param name="Reason">Why it waits or has failed; empty otherwise.</param>
internal sealed record CloudEventData(
    string Cluster, string Run, string State, string Reason, string Comment, long BytesFreed, RunEventDto Event);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CloudEvent))]
internal sealed partial class CloudEventJsonContext : JsonSerializerContext;
