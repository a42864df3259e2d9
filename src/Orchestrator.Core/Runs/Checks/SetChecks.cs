using System.Globalization;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Runs.Checks;

/// <summary>Checks that look at a whole replica set.</summary>
public static class SetChecks
{
    /// <summary>Every configured member answers, serves and follows the present term.</summary>
    /// <param name="compacting">A member that compacts now, and need not serve; empty for none.</param>
    public static CheckResult MembersHealthy(ReplicaSetSnapshot set, string compacting)
    {
        var term = set.Members.Max(member => member.Observation.Term);
        var ill = set.Members
            .Select(member => member.Observation)
            .Select(seen => seen switch
            {
                _ when seen.Node == compacting && seen.State.IsReachable() => "",
                { State: NodeState.Online or NodeState.Compacting } when seen.Term == term || !set.HasPrimary => "",
                { State: NodeState.Online or NodeState.Compacting } => $"{seen.Node} follows term {seen.Term}, not {term}",
                _ when seen.Reason.Length > 0 => $"{seen.Node} is {seen.State.ToText()} ({seen.Reason})",
                _ => $"{seen.Node} is {seen.State.ToText()}",
            })
            .Where(sentence => sentence.Length > 0)
            .ToList();
        return new CheckResult(
            CheckNames.MembersHealthy,
            ill.Count == 0,
            ill.Count == 0 ? $"all {set.Members.Count} members of {set.Definition.Name} are healthy" : string.Join("; ", ill));
    }

    /// <summary>No member is out of <see cref="NodeState.Online"/>.</summary>
    /// <param name="except">A member that may be out: the one whose turn it is; empty for none.</param>
    public static CheckResult OneMemberOut(ReplicaSetSnapshot set, string except)
    {
        var outside = set.Members
            .Select(member => member.Observation)
            .Where(seen => seen.Node != except && seen.State != NodeState.Online)
            .Select(seen => $"{seen.Node} ({seen.State.ToText()})")
            .ToList();
        return new CheckResult(
            CheckNames.OneMemberOut,
            outside.Count == 0,
            outside.Count == 0
                ? $"no {(except.Length == 0 ? "" : "other ")}member of {set.Definition.Name} is out"
                : $"{string.Join(", ", outside)} must be online first: only one member at a time may be out");
    }

    /// <summary>With the member out as far as its engine's compaction takes it out, enough are left: a majority, or one where that serves by itself.</summary>
    /// <param name="force">Whether a set that is too small for it is compacted nevertheless.</param>
    public static CheckResult MajorityKept(ReplicaSetSnapshot set, string node, bool force)
    {
        var can = set.CapabilitiesOf(node);
        var serves = KeepsVoting(can.Availability);
        var voters = set.Voters;
        var left = voters.Count(member =>
            member.Observation.State is NodeState.Online or NodeState.Compacting && (serves || member.Observation.Node != node));
        var needed = set.MustStayWithout(node);
        var count = string.Create(CultureInfo.InvariantCulture, $"{left} of {voters.Count} members");
        if (left < needed && force && voters.Count - 1 < needed && left == voters.Count - 1)
        {
            return new CheckResult(CheckNames.MajorityKept, true, $"{count} stay while {node} compacts, not a majority (force)");
        }

        return new CheckResult(
            CheckNames.MajorityKept,
            left >= needed,
            $"{count} {(left == 1 ? "stays" : "stay")} in service while {node} compacts; {(can.MustStay == StayingMembers.One ? "one is enough" : $"a majority is {needed}")}");
    }

    /// <summary>No member is too far behind its primary. Once stopped, it goes on below half of the limits.</summary>
    /// <param name="stopped">Whether the check failed before.</param>
    public static CheckResult LagWithinLimit(ReplicaSetSnapshot set, CompactionPolicy policy, bool stopped)
    {
        var changes = stopped ? policy.MaxLagChanges / 2 : policy.MaxLagChanges;
        var seconds = stopped ? policy.MaxLagSeconds / 2 : policy.MaxLagSeconds;
        var limit = string.Create(CultureInfo.InvariantCulture,
            $"the limit is {changes} changes and {seconds:0.#} s{(stopped ? " until it has caught up" : "")}");
        var behind = set.Members
            .Select(member => member.Observation)
            .Where(seen => seen.Lag.Changes > changes || seen.Lag.Seconds > seconds)
            .Select(seen => string.Create(CultureInfo.InvariantCulture,
                $"{seen.Node} is {seen.Lag.Changes} changes and {seen.Lag.Seconds:0.#} s behind"))
            .ToList();
        var worst = set.Members.Max(member => member.Observation.Lag.Changes);
        return new CheckResult(
            CheckNames.LagWithinLimit,
            behind.Count == 0,
            behind.Count == 0
                ? string.Create(CultureInfo.InvariantCulture, $"the largest lag is {worst} changes; {limit}")
                : $"{string.Join(", ", behind)}; {limit}");
    }

    /// <summary>No backup of any member is being taken: one could be cut off when the primary moves.</summary>
    public static CheckResult BackupIdle(ReplicaSetSnapshot set)
    {
        var members = set.Members.Select(member => member.Observation).Where(seen => seen.Role != MemberRole.Arbiter).ToList();
        var busy = members.Where(seen => seen.BackupRunning == true).Select(seen => seen.Node).ToList();
        var silent = members.Where(seen => seen.BackupRunning is null).Select(seen => seen.Node).ToList();
        return (busy.Count, silent.Count) switch
        {
            ( > 0, _) => new CheckResult(CheckNames.BackupIdle, false, $"a backup of {string.Join(", ", busy)} is running"),
            (_, > 0) => CheckResult.Unanswered(
                CheckNames.BackupIdle,
                $"{string.Join(", ", silent)} {(silent.Count == 1 ? "does" : "do")} not report whether a backup of {(silent.Count == 1 ? "it" : "them")} is running"),
            _ => new CheckResult(CheckNames.BackupIdle, true, $"no backup of a member of {set.Definition.Name} is running"),
        };
    }

    /// <summary>Compare-and-set: the primary is the one that the step counts on.</summary>
    public static CheckResult ExpectedPrimary(ReplicaSetSnapshot set, string expected) => new(
        CheckNames.ExpectedPrimary,
        set.Primary == expected,
        PrimaryText(set) + (set.Primary == expected ? ", as expected" : $", not {expected}"));

    /// <summary>The set has a primary, and it is not the member that is about to be compacted.</summary>
    public static CheckResult PrimaryElsewhere(ReplicaSetSnapshot set, string node) => new(
        CheckNames.ExpectedPrimary,
        set.Primary.Length > 0 && set.Primary != node,
        PrimaryText(set));

    /// <summary>Whether a member still counts towards the majority while it compacts.</summary>
    public static bool KeepsVoting(CompactionAvailability availability) =>
        availability is CompactionAvailability.Serving or CompactionAvailability.ReadsOnly;

    private static string PrimaryText(ReplicaSetSnapshot set) => set.Primary.Length == 0
        ? $"{set.Definition.Name} has no primary"
        : $"{set.Primary} is primary of {set.Definition.Name}";
}
