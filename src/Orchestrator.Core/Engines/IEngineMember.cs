using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Engines;

/// <summary>
/// The driver of one member of an <see cref="IEngineCluster"/>: what the orchestrator asks of it, whatever its engine. Safe
/// for use from several threads. Every call may throw <see cref="EngineException"/>, whose message is for the operator.
/// </summary>
public interface IEngineMember
{
    /// <summary>
    /// Something about the member has changed, for example a job has ended: whoever listens asks again. Drivers that cannot
    /// know never raise it; they are asked at every tick anyway.
    /// </summary>
    event Action? StateChanged;

    /// <summary>Its name, unique in the cluster.</summary>
    string Name { get; }

    /// <summary>Looks at the member.</summary>
    /// <exception cref="EngineException">The member does not answer, or not as it should.</exception>
    Task<MemberObservation> Observe(CancellationToken cancellationToken);

    /// <summary>Sizes of everything that can be compacted by itself, and what compacting it would free.</summary>
    Task<MemberInventory> Inventory(InventoryRequest request, CancellationToken cancellationToken);

    /// <summary>Begins a job, and returns when the member has it. What it does from then on <see cref="Poll"/> tells.</summary>
    /// <returns>An id by which the job can be found again, by another process too.</returns>
    /// <exception cref="EngineException">
    /// Nothing was begun; with <see cref="EngineFault.Unreachable"/> it may have been, which <see cref="Find"/> tells.
    /// </exception>
    Task<JobId> Start(JobOrder order, CancellationToken cancellationToken);

    /// <summary>Looks for a job that may have been started, and whose id nobody has stored.</summary>
    /// <returns>Its id; null if the member shows nothing of it.</returns>
    Task<JobId?> Find(JobOrder order, CancellationToken cancellationToken);

    /// <summary>Where a job stands. Changes nothing, and may be asked by a process that did not start the job.</summary>
    Task<JobStatus> Poll(JobOrder order, JobId job, CancellationToken cancellationToken);

    /// <summary>Stops a job; asked only where the capabilities say that it can be cancelled.</summary>
    Task Cancel(JobOrder order, JobId job, CancellationToken cancellationToken) => throw EngineException.Unsupported(Name, "be cancelled");

    /// <summary>Stops a job so that another one for the same units goes on from there; asked only where the capabilities say so.</summary>
    Task Pause(JobOrder order, JobId job, CancellationToken cancellationToken) => throw EngineException.Unsupported(Name, "be paused");

    /// <summary>Changes the limit of a job's rate; asked only where the capabilities say so.</summary>
    /// <param name="maxBytesPerSecond">The limit in bytes per second; 0 is unlimited.</param>
    Task Throttle(JobOrder order, JobId job, long maxBytesPerSecond, CancellationToken cancellationToken) =>
        throw EngineException.Unsupported(Name, "be throttled");

    /// <summary>
    /// Hands the role of primary from this member, only if it has it, to another one, and returns when that one is seen to
    /// have it.
    /// </summary>
    /// <param name="replicaSet">The set in which it hands it over.</param>
    /// <param name="to">Name of the successor.</param>
    /// <returns>Term of the new primary.</returns>
    Task<long> StepDown(string replicaSet, string to, CancellationToken cancellationToken);
}

/// <summary>What one look at a member of an engine told.</summary>
/// <param name="State">What it does now, as observed.</param>
/// <param name="Reason">Why; empty when <see cref="NodeState.Online"/>.</param>
/// <param name="Role">Its role in its replica set.</param>
/// <param name="Term">Term of the primary that it knows; 0 for engines without terms.</param>
/// <param name="Primary">Name of the primary that it knows; empty for none.</param>
/// <param name="Lag">How far it is behind the primary.</param>
/// <param name="Disk">The file system of its data; <see cref="DiskSpace.Unseen"/> where the engine does not tell.</param>
/// <param name="Capabilities">What this member can do: the versions in a cluster may be mixed.</param>
public sealed record MemberObservation(
    NodeState State,
    string Reason,
    MemberRole Role,
    long Term,
    string Primary,
    ReplicationLag Lag,
    DiskSpace Disk,
    EngineCapabilities Capabilities)
{
    /// <summary>Version of its software; empty if unknown.</summary>
    public string Version { get; init; } = "";

    /// <summary>Alarms that stand, by the engine's names.</summary>
    public IReadOnlyList<string> Alarms { get; init; } = [];

    /// <summary>Most bytes that its storage may take; 0 if unknown or unlimited.</summary>
    public long QuotaBytes { get; init; }

    /// <summary>Whether the engine never makes it primary, for example because it is hidden.</summary>
    public bool CannotLead { get; init; }

    /// <summary>What it is in each of its replica sets; empty where it belongs to one only, or is the same in all of them.</summary>
    public IReadOnlyList<SetMembership> Memberships { get; init; } = [];

    /// <summary>Whether a backup of the member is being taken; null where the engine cannot tell.</summary>
    public bool? BackupRunning { get; init; }
}

/// <summary>What a member is measured for.</summary>
/// <param name="Mode">The mode to estimate; one of the member's.</param>
/// <param name="Options">The request's options that the engine declares.</param>
public sealed record InventoryRequest(string Mode, OptionValues Options)
{
    /// <summary>Only what the member has of this replica set is needed; null for all. A driver may tell all nevertheless.</summary>
    public string? ReplicaSet { get; init; }
}

/// <summary>Everything on a member that can be compacted by itself.</summary>
public sealed record MemberInventory(IReadOnlyList<UnitEstimate> Units)
{
    /// <summary>Units of the member's own databases, which are compacted only where they are named.</summary>
    public IReadOnlyList<UnitEstimate> SystemUnits { get; init; } = [];

    /// <summary>The only replica set whose units these are, where that was asked and the driver does so; null for all.</summary>
    public string? ReplicaSet { get; init; }
}

/// <summary>A member or a cluster of an engine did not do what it was asked.</summary>
/// <param name="fault">Why, for programs.</param>
/// <param name="message">Why, and what to do, for the operator. Holds no secrets.</param>
/// <param name="inner">What lies behind it, if anything does.</param>
public sealed class EngineException(EngineFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public EngineFault Fault => fault;

    /// <summary>Whether the same order again would be refused again until an operator has changed something.</summary>
    public bool IsPermanent => fault is EngineFault.Denied or EngineFault.Misconfigured;

    /// <summary>A call was given up without an answer; what was asked may nevertheless be done.</summary>
    /// <param name="who">What the operator calls the one that was asked, for example <c>node A at 10.0.0.1:8080</c>.</param>
    /// <param name="waited">How long an answer was waited for.</param>
    public static EngineException Silent(string who, TimeSpan waited, Exception? inner) =>
        new(EngineFault.Unreachable, $"{who} did not answer within {waited.TotalSeconds:0.#} s", inner);

    internal static EngineException Unsupported(string member, string what) =>
        new(EngineFault.Failed, $"the engine of {member} has no compaction that can {what}");
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
