using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Operations;

/// <summary>
/// Somebody is about to take members out, for example to restart them: no run begins a step next to them. What is at work finishes its step.
/// </summary>
/// <param name="Owner">Names the hold in its cluster; whoever holds again under the same name renews it.</param>
/// <param name="Members">Whose replica sets are held; empty for the whole cluster.</param>
/// <param name="By">Who placed it.</param>
/// <param name="At">Since when.</param>
/// <param name="Until">When it ends unless it is renewed, so that the death of its owner ends it too.</param>
public sealed record Hold(string Cluster, string Owner, string Reason, IReadOnlyList<string> Members, string By, DateTimeOffset At, DateTimeOffset Until)
{
    /// <summary>Whether it keeps a step back in which one of these members takes part.</summary>
    public bool Covers(IEnumerable<string> members) => Members.Count == 0 || members.Any(Members.Contains);

    /// <summary>The hold in words.</summary>
    public string Sentence => $"{Owner} holds {(Members.Count == 0 ? Cluster : string.Join(", ", Members))} until {TimeText.At(Until)}: {Reason}";
}

/// <summary>Places or renews a hold. Answered with <see cref="HoldView"/> when no run can begin a step against it any more.</summary>
/// <param name="Length">How long it lasts unless it is renewed.</param>
public sealed record PlaceHold(string Cluster, string Owner, string Reason, IReadOnlyList<string> Members, TimeSpan Length, string By) : ISupervisorRequest;

/// <summary>Ends a hold. Answered with <see cref="HoldList"/>.</summary>
public sealed record ReleaseHold(string Cluster, string Owner, string By) : ISupervisorRequest;

/// <summary>Asks for <see cref="HoldList"/>.</summary>
/// <param name="Cluster">Only those of this one; empty for all.</param>
public sealed record ListHolds(string Cluster) : ISupervisorRequest;

/// <summary>A hold, and the members next to it that a run works on now: until there are none, its owner should wait.</summary>
public sealed record HoldView(Hold Hold, IReadOnlyList<HeldWork> Working);

/// <summary>A run's step at work.</summary>
/// <param name="Step">Number of the step.</param>
public sealed record HeldWork(string Member, string RunId, int Step);

/// <summary>The holds in force, by cluster and owner.</summary>
public sealed record HoldList(IReadOnlyList<HoldView> Holds);
