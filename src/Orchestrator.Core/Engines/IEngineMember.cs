using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Engines;

/// <summary>
/// One member of an <see cref="IEngineCluster"/>: what the orchestrator asks of it, whatever its engine. Safe for use from
/// several threads. Every call may throw <see cref="EngineException"/>, whose message is for the operator.
/// </summary>
public interface IEngineMember
{
    /// <summary>Its name, unique in the cluster.</summary>
    string Name { get; }

    /// <summary>Looks at the member.</summary>
    /// <param name="compacting">Whether a compaction that this process ordered is under way, so that silence is no surprise.</param>
    /// <exception cref="EngineException">The member does not answer, or not as it should.</exception>
    Task<MemberLook> Observe(bool compacting, CancellationToken cancellationToken);

    /// <summary>Sizes of everything that can be compacted by itself.</summary>
    Task<IReadOnlyList<UnitSize>> Inventory(CancellationToken cancellationToken);

    /// <summary>What compacting units of these sizes would free, and what it needs.</summary>
    IReadOnlyList<UnitEstimate> Estimate(IReadOnlyList<UnitSize> sizes, string mode);

    /// <summary>Compacts units one after another, and returns when the member serves again.</summary>
    /// <param name="progress">Is told how far it is, as far as the engine reports that.</param>
    /// <exception cref="EngineException">It was not begun, or did not end well; the member may still be at it.</exception>
    Task<IReadOnlyList<UnitCompacted>> Compact(
        IReadOnlyList<StorageUnit> units, CompactionSettings settings, IProgress<CompactionProgress> progress, CancellationToken cancellationToken);

    /// <summary>
    /// Hands the role of primary from this member, only if it has it, to another one, and returns when that one is seen to
    /// have it.
    /// </summary>
    /// <param name="to">Name of the successor.</param>
    /// <returns>Term of the new primary.</returns>
    Task<long> StepDown(string to, CancellationToken cancellationToken);
}

/// <summary>What one look at a member of an engine told.</summary>
/// <param name="State">What it does now, as observed.</param>
/// <param name="Reason">Why; empty when <see cref="NodeState.Online"/>.</param>
/// <param name="Role">Its role in its replica set.</param>
/// <param name="Term">Term of the primary that it knows; 0 for engines without terms.</param>
/// <param name="Primary">Name of the primary that it knows; empty for none.</param>
/// <param name="Lag">How far it is behind the primary.</param>
/// <param name="Disk">The file system of its data; <see cref="DiskSpace.Unseen"/> where the engine does not tell.</param>
public sealed record MemberLook(
    NodeState State,
    string Reason,
    MemberRole Role,
    long Term,
    string Primary,
    ReplicationLag Lag,
    DiskSpace Disk)
{
    /// <summary>Version of its software; empty if unknown.</summary>
    public string Version { get; init; } = "";

    /// <summary>Alarms that stand, by the engine's names.</summary>
    public IReadOnlyList<string> Alarms { get; init; } = [];

    /// <summary>Most bytes that its storage may take; 0 if unknown or unlimited.</summary>
    public long QuotaBytes { get; init; }
}

/// <summary>A member or a cluster of an engine did not do what it was asked.</summary>
/// <param name="fault">Why, for programs.</param>
/// <param name="message">Why, and what to do, for the operator. Holds no secrets.</param>
/// <param name="inner">What lies behind it, if anything does.</param>
public sealed class EngineException(EngineFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public EngineFault Fault => fault;
}

/// <summary>Why an engine did not do what it was asked.</summary>
public enum EngineFault
{
    /// <summary>No answer, or none in time.</summary>
    Unreachable,

    /// <summary>The certificate, the user or the password is not accepted, or may not do this.</summary>
    Denied,

    /// <summary>What answers is not what the configuration says.</summary>
    Misconfigured,

    /// <summary>Its state does not allow it now, for example because another member is primary.</summary>
    WrongState,

    /// <summary>Another orchestrator works on the cluster.</summary>
    Claimed,

    /// <summary>The engine reports that it failed.</summary>
    Failed,
}
