using System.Text.Json.Serialization;

namespace Orchestrator.Host.Demo;

/// <summary>What a demo did and saw: the object that <c>--output json</c> prints.</summary>
/// <param name="Outcome">The run's state at its end, <c>completed</c> if all went well; <c>failed</c> if the proof did.</param>
/// <param name="Failures">What the proof found wrong; absent if nothing.</param>
internal sealed record DemoReport(
    string Outcome,
    string RunId,
    IReadOnlyList<DemoStep> Steps,
    IReadOnlyList<DemoNode> Nodes,
    ClientReport Client,
    IReadOnlyList<string>? Failures)
{
    /// <summary>The process that was killed meanwhile; absent if none was.</summary>
    public DemoKill? Killed { get; init; }
}

/// <summary>A process that was killed (SIGKILL) during the run and started again.</summary>
/// <param name="What"><c>supervisor</c> or <c>node</c>: why this one was chosen.</param>
/// <param name="Node">The node of that process.</param>
/// <param name="Step">The step that was at work.</param>
internal sealed record DemoKill(string What, string Node, int Step, DateTimeOffset KilledAt, DateTimeOffset RestartedAt);

/// <summary>A step of the run, in the order in which the steps ran.</summary>
/// <param name="BytesFreed">Of a compaction.</param>
/// <param name="NewPrimary">Of a step-down.</param>
internal sealed record DemoStep(
    string Kind, string Node, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, long? BytesFreed, string? NewPrimary);

/// <summary>A node before and after; sizes in bytes.</summary>
/// <param name="BytesBefore">Files that were compacted, before.</param>
/// <param name="BytesAfter">The same files right after their compaction.</param>
/// <param name="BytesEstimated">What the plan expected to be freed.</param>
/// <param name="BytesAtEnd">Files of the demo's collection at the very end.</param>
/// <param name="BytesFresh">The same for a fresh copy of the same live data.</param>
/// <param name="Documents">Live documents.</param>
/// <param name="States">States that it went through, from the run's events.</param>
internal sealed record DemoNode(
    string Node,
    string RoleBefore,
    string RoleAfter,
    long BytesBefore,
    long BytesAfter,
    long BytesFreed,
    long BytesEstimated,
    long BytesAtEnd,
    long BytesFresh,
    long Documents,
    string Checksum,
    IReadOnlyList<string> States);

/// <summary>What the client that went on working saw.</summary>
/// <param name="WritesRejected">Attempts that were not acknowledged; each was tried again.</param>
/// <param name="ReadsFailed">Reads that no node answered, also when tried again.</param>
/// <param name="LongestWriteGapMs">Longest time between two acknowledged writes.</param>
/// <param name="AcknowledgedWritesLost">Acknowledged writes that some node did not have at the end.</param>
internal sealed record ClientReport(
    long WritesAcknowledged, long WritesRejected, long ReadsDone, long ReadsFailed, long LongestWriteGapMs, int AcknowledgedWritesLost);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DemoReport))]
internal sealed partial class DemoJsonContext : JsonSerializerContext;
