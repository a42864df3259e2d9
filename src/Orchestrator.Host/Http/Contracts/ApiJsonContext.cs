using System.Text.Json.Serialization;

namespace Orchestrator.Host.Http.Contracts;

/// <summary>How the API's bodies are read and written, by the server and by its clients.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClusterListDto))]
[JsonSerializable(typeof(ClusterDto))]
[JsonSerializable(typeof(ReportDto))]
[JsonSerializable(typeof(StepDownBody))]
[JsonSerializable(typeof(StepDownDto))]
[JsonSerializable(typeof(CompactionBody))]
[JsonSerializable(typeof(PlanDto))]
[JsonSerializable(typeof(RunListDto))]
[JsonSerializable(typeof(RunDto))]
[JsonSerializable(typeof(RunEventDto))]
[JsonSerializable(typeof(RunProgressDto))]
[JsonSerializable(typeof(ReasonBody))]
[JsonSerializable(typeof(ThrottleBody))]
[JsonSerializable(typeof(FreezeBody))]
[JsonSerializable(typeof(FreezeListDto))]
[JsonSerializable(typeof(ScheduleListDto))]
[JsonSerializable(typeof(ExplanationDto))]
[JsonSerializable(typeof(AuditDto))]
[JsonSerializable(typeof(WrittenDto))]
[JsonSerializable(typeof(BulkWrittenDto))]
[JsonSerializable(typeof(ChangesDto))]
[JsonSerializable(typeof(IndexBody))]
[JsonSerializable(typeof(IndexDto))]
[JsonSerializable(typeof(IndexDroppedDto))]
[JsonSerializable(typeof(IndexEntriesDto))]
[JsonSerializable(typeof(SummaryDto))]
[JsonSerializable(typeof(HealthDto))]
[JsonSerializable(typeof(ProblemDto))]
public sealed partial class ApiJsonContext : JsonSerializerContext;
