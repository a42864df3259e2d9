using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs.Checks;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Runs;

public class CheckTests
{
    private static readonly CompactionPolicy Policy = CompactionPolicy.Default with { MaxLagChanges = 100, MaxLagSeconds = 10 };

    [Theory]
    [InlineData(100, 10, false, true)]
    [InlineData(101, 0, false, false)]
    [InlineData(0, 10.5, false, false)]
    [InlineData(51, 0, true, false)]
    [InlineData(0, 5.5, true, false)]
    [InlineData(50, 5, true, true)]
    public void Lag_stops_above_the_limit_and_goes_on_at_half_of_it(long changes, double seconds, bool stopped, bool passes)
    {
        var set = Set(NodeState.Online, seen => seen with { Lag = new ReplicationLag(changes, seconds) });

        Assert.Equal(passes, SetChecks.LagWithinLimit(set, Policy, stopped).Passed);
    }

    [Theory]
    [InlineData(NodeState.Online, true, true)]
    [InlineData(NodeState.Compacting, true, false)]
    [InlineData(NodeState.Recovering, false, false)]
    [InlineData(NodeState.Offline, false, false)]
    [InlineData(NodeState.SteppingDown, false, false)]
    [InlineData(NodeState.Unreachable, false, false)]
    [InlineData(NodeState.Failed, false, false)]
    public void Each_state_of_a_member_counts_in_health_and_in_who_is_out(NodeState state, bool healthy, bool noneOut)
    {
        var set = Set(state, seen => seen);

        Assert.Equal(healthy, SetChecks.MembersHealthy(set, "").Passed);
        Assert.Equal(noneOut, SetChecks.OneMemberOut(set, "").Passed);
        Assert.True(SetChecks.OneMemberOut(set, "node-3").Passed);
    }

    [Theory]
    [InlineData(CompactionAvailability.Serving, NodeState.Online, false, true)]
    [InlineData(CompactionAvailability.Serving, NodeState.Unreachable, false, true)]
    [InlineData(CompactionAvailability.Offline, NodeState.Online, false, true)]
    [InlineData(CompactionAvailability.Offline, NodeState.Unreachable, false, false)]
    [InlineData(CompactionAvailability.Recovering, NodeState.Recovering, true, false)]
    public void A_majority_stays_while_a_member_compacts(CompactionAvailability availability, NodeState third, bool force, bool passes)
    {
        var set = Set(third, seen => seen);
        set = set with { Capabilities = set.Capabilities with { Availability = availability } };

        Assert.Equal(passes, SetChecks.MajorityKept(set, "node-2", force).Passed);
    }

    [Fact]
    public void Force_gives_up_the_majority_only_of_sets_that_are_too_small_to_keep_it()
    {
        var set = Set(NodeState.Online, seen => seen);
        var pair = set with
        {
            Definition = new ReplicaSetDefinition(Some.Set, ["node-1", "node-2"]),
            Capabilities = set.Capabilities with { Availability = CompactionAvailability.Offline },
            Members = [.. set.Members.Take(2)],
        };

        Assert.False(SetChecks.MajorityKept(pair, "node-2", false).Passed);
        Assert.Contains("(force)", SetChecks.MajorityKept(pair, "node-2", true).Message, StringComparison.Ordinal);
        Assert.True(SetChecks.MajorityKept(pair, "node-2", true).Passed);
    }

    [Theory]
    [InlineData(100, 50, false)]
    [InlineData(100, 80, true)]
    [InlineData(0, 0, true)]
    public void Disk_space_covers_the_temporary_files_and_the_headroom(long temporary, long freeAbove, bool passes)
    {
        // Of 4000 bytes 2 % must stay free.
        var seen = Some.Observation("node-2") with { Disk = new DiskSpace(temporary + freeAbove, 4000) };

        Assert.Equal(passes, MemberChecks.DiskSpace(seen, temporary, Policy).Passed);
    }

    [Theory]
    [InlineData(0, 0, true, false)]
    [InlineData(0, 0, false, null)]
    [InlineData(60, 0, true, true)]
    [InlineData(60, 61, true, false)]
    public void Compacting_is_worth_it_when_enough_is_freed_which_not_every_engine_tells(long freed, long wanted, bool estimates, bool? passes)
    {
        var options = CompactionOptions.Default with { MinReclaimableBytes = wanted };

        var result = MemberChecks.WorthIt("node-2", [Some.Documents("app", "orders", 100, freed)], options, Policy, estimates);

        Assert.Equal(passes, result.Passed);
    }

    [Fact]
    public void The_primary_of_the_highest_term_counts()
    {
        var set = Set(NodeState.Online, seen => seen with { Role = MemberRole.Primary, Term = 2 });

        Assert.True(SetChecks.ExpectedPrimary(set, "node-3").Passed);
        Assert.False(SetChecks.ExpectedPrimary(set, "node-1").Passed);
        Assert.Equal("node-3 is primary of rs1, not node-1", SetChecks.ExpectedPrimary(set, "node-1").Message);
        Assert.False(SetChecks.PrimaryElsewhere(set, "node-3").Passed);
    }

    /// <summary>Two healthy members, the first one primary, and a third one.</summary>
    private static ReplicaSetSnapshot Set(NodeState third, Func<NodeObservation, NodeObservation> change) => ReplicaSetSnapshot.Of(
        Some.Snapshot(
            Some.ThreeMembers,
            [
                new MemberSnapshot(Some.Observation("node-1", MemberRole.Primary), []),
                new MemberSnapshot(Some.Observation("node-2"), []),
                new MemberSnapshot(change(Some.Observation("node-3", state: third)), []),
            ],
            Some.Noon),
        Some.Set);
}
