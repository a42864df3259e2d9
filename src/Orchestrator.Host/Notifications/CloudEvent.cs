using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Translation;

namespace Orchestrator.Host.Notifications;

/// <summary>An event as webhooks get it: CloudEvents 1.0 in JSON's structured mode.</summary>
/// <param name="Id">Unique with the source, the same each time it is sent: the run and the event's number in it, or the number of the audit trail's entry.</param>
/// <param name="Source">The cluster, or <c>/clusters</c> for what concerns all of them.</param>
/// <param name="Type"><c>orchestrator.</c> and the event's type, as in the patterns of the settings.</param>
/// <param name="Subject">Id of the run, or what an order was about; absent if nothing.</param>
internal sealed record CloudEvent(
    [property: JsonPropertyName("specversion")] string SpecVersion,
    string Id,
    string Source,
    string Type,
    string? Subject,
    DateTimeOffset Time,
    [property: JsonPropertyName("datacontenttype")] string DataContentType,
    CloudEventData Data)
{
    public const string ContentType = "application/cloudevents+json";

    public const string TypePrefix = "orchestrator.";

    /// <summary>The event that tells of a run's event. The verdict of a check is part of the type, so that it can be asked for.</summary>
    public static CloudEvent Of(RunView run, RecordedRunEvent recorded)
    {
        var dto = recorded.ToDto();
        var type = dto.Check is { } check ? $"check-{(check.Passed switch { true => "passed", false => "failed", null => "unanswered" })}-{check.Check}" : dto.Type;
        var cluster = run.Plan.Request.Cluster;
        return Make(
            FormattableString.Invariant($"{run.Id}-{recorded.Sequence}"),
            cluster,
            type,
            run.Id,
            dto.At,
            new CloudEventData(cluster)
            {
                Run = run.Id,
                State = run.State,
                Reason = run.Reason,
                Comment = run.Plan.Request.Options.Comment,
                BytesFreed = run.BytesFreed,
                Event = dto,
            });
    }

    /// <summary>The event that tells of an entry of the audit trail. What happened to a node is no order, and named for itself.</summary>
    public static CloudEvent Of(AuditEntry entry) => Make(
        FormattableString.Invariant($"audit-{entry.Sequence}"),
        entry.Cluster,
        NodeConditions.IsCondition(entry) ? entry.Action : $"audit-{entry.Action}",
        entry.Subject.Length > 0 ? entry.Subject : null,
        entry.At,
        new CloudEventData(entry.Cluster.Length > 0 ? entry.Cluster : null) { Entry = entry.ToDto() });

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CloudEventJsonContext.Default.CloudEvent);

    private static CloudEvent Make(string id, string cluster, string type, string? subject, DateTimeOffset at, CloudEventData data) => new(
        "1.0",
        id,
        cluster.Length > 0 ? $"/clusters/{Uri.EscapeDataString(cluster)}" : "/clusters",
        TypePrefix + type,
        subject,
        at,
        "application/json",
        data);
}

/// <param name="Cluster">Absent for what concerns all of them.</param>
internal sealed record CloudEventData(string? Cluster)
{
    public string? Run { get; init; }

    /// <summary>State of the run when the event was sent.</summary>
    public string? State { get; init; }

    /// <summary>Why the run waits or has failed; empty otherwise.</summary>
    public string? Reason { get; init; }

    public string? Comment { get; init; }

    public long? BytesFreed { get; init; }

    /// <summary>The run's event.</summary>
    public RunEventDto? Event { get; init; }

    /// <summary>The entry of the audit trail, for an event that is one.</summary>
    public AuditEntryDto? Entry { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CloudEvent))]
internal sealed partial class CloudEventJsonContext : JsonSerializerContext;
