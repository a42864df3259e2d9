using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Members that belong to several replica sets, as those of engines do that place each shard by itself.</summary>
public sealed class SharedMemberTests
{
    private static readonly ReplicaSetDefinition[] Sets =
    [
        new("mail@0-7", ["n1", "n2", "n3"]),
        new("mail@8-f", ["n1", "n2", "n3"]),
        new("blog@0-f", ["n3", "n4", "n5"]),
    ];

    [Fact]
    public void Each_set_plans_the_copies_that_belong_to_it()
    {
        var plan = Plan(Snapshot(CompactionReach.ReplicaSet));

        Assert.Equal(
            ["mail@0-7 n1 mail@0-7", "mail@0-7 n2 mail@0-7", "mail@0-7 n3 mail@0-7", "mail@8-f n1 mail@8-f", "mail@8-f n2 mail@8-f",
                "mail@8-f n3 mail@8-f", "blog@0-f n3 blog@0-f", "blog@0-f n4 blog@0-f", "blog@0-f n5 blog@0-f"],
            plan.Steps.OfType<CompactMemberStep>().Select(step => $"{step.ReplicaSet} {step.Node} {string.Join(", ", step.Units.Select(unit => unit.Size.Unit))}"));
    }

    [Fact]
    public void A_member_has_its_role_and_state_of_each_set()
    {
        var seen = Some.Observation("n1", replicaSet: "a") with
        {
            Memberships =
            [
                new SetMembership("a", NodeState.Online, "", MemberRole.Secondary, 1, "n2", ReplicationLag.None),
                new SetMembership("b", NodeState.Offline, "is compacted", MemberRole.Primary, 4, "n1", ReplicationLag.None),
            ],
        };

        Assert.Equal(("b", NodeState.Offline, MemberRole.Primary, 4), (seen.In("b").ReplicaSet, seen.In("b").State, seen.In("b").Role, seen.In("b").Term));
        Assert.Equal((NodeState.Online, "n2"), (seen.In("a").State, seen.In("a").Primary));
        Assert.Equal(NodeState.Unreachable, (seen with { State = NodeState.Unreachable }).In("b").State);
    }

    [Fact]
    public void A_member_works_for_one_set_at_a_time_and_its_other_sets_wait_without_losing_patience()
    {
        var (run, first) = Begin(CompactionReach.ReplicaSet);

        // n1 is at work for the first set, so that the first step of the second one waits; the third set has members of its own.
        Assert.Equal(["n1", "n3"], Sent(first));
        Assert.Equal("n1 compacts for mail@0-7; at most 1 at a time", CheckOf(run, 4).Message);
        Assert.Equal(("member-free", (bool?)false), (CheckOf(run, 4).Check, CheckOf(run, 4).Passed));

        var later = RunDecider.Decide(run, new AssessRun(Snapshot(CompactionReach.ReplicaSet), RunGate.Open, Some.Noon + TimeSpan.FromHours(9)), CompactionPolicy.Default);
        Assert.DoesNotContain(later.Events, @event => @event is StepFailed { Step: 4 });
    }

    [Fact]
    public void A_member_that_is_out_is_out_of_all_its_sets()
    {
        var (run, first) = Begin(CompactionReach.Member);

        // n3 must wait for n1, with which it shares sets.
        Assert.Equal(["n1"], Sent(first));
        Assert.Equal("n1 compacts for mail@0-7 and is out of mail@0-7 too: one member at a time may be out", CheckOf(run, 7).Message);
    }

    [Fact]
    public void A_set_that_disappears_with_its_data_is_left_out_and_a_member_that_leaves_its_only_set_is_a_failure()
    {
        Assert.Contains(Without(CompactionReach.ReplicaSet), @event => @event is StepSkipped { Step: 1, Reason: "n1 no longer has a copy of mail@0-7" });
        Assert.Contains(Without(CompactionReach.Member), @event => @event is StepFailed { Step: 1, Reason: "n1 is no longer a configured member of mail@0-7" });

        static IReadOnlyList<RunEvent> Without(CompactionReach reach)
        {
            var (run, _) = Begin(reach);
            var snapshot = Snapshot(reach);
            var left = snapshot with { Definition = snapshot.Definition with { ReplicaSets = [.. Sets.Skip(1)] } };
            return RunDecider.Decide(run, new AssessRun(left, RunGate.Open, Some.Noon), CompactionPolicy.Default).Events;
        }
    }

    [Fact]
    public void Sets_that_share_a_member_are_held_together()
    {
        var cluster = new ClusterDefinition("c", "e", [.. Sets, new ReplicaSetDefinition("other", ["n9"])]);

        Assert.Equal(["blog@0-f", "mail@0-7", "mail@8-f"], cluster.Touching(["blog@0-f"]).Order());
        Assert.Equal(["other"], cluster.Touching(["other"]));
    }

    private static CheckResult CheckOf(ExistingRun run, int step) => run.Steps[step - 1].Checks["member-free"].Result;

    private static IEnumerable<string> Sent(IEnumerable<RunEffect> effects) => effects.OfType<SendCompactUnits>().Select(send => send.Node);

    private static (ExistingRun Run, IReadOnlyList<RunEffect> Effects) Begin(CompactionReach reach)
    {
        var snapshot = Snapshot(reach);
        var state = Apply(RunState.Initial, RunDecider.Decide(RunState.Initial, new CreateRun("r1", Plan(snapshot), Some.Noon), CompactionPolicy.Default).Events);
        var decision = RunDecider.Decide(state, new AssessRun(snapshot, RunGate.Open, Some.Noon), CompactionPolicy.Default);
        return ((ExistingRun)Apply(state, decision.Events), decision.Effects);
    }

    private static RunState Apply(RunState state, IEnumerable<RunEvent> events) => events.Aggregate(state, RunDecider.Apply);

    private static CompactionPlan Plan(ClusterSnapshot snapshot) => Assert.IsType<PlanResult.Planned>(Planner.Plan(
        snapshot, Some.Request(CompactionOptions.Default with { MaxParallelReplicaSets = 3 }), CompactionPolicy.Default)).Plan;

    private static ClusterSnapshot Snapshot(CompactionReach reach) => new(
        new ClusterDefinition(Some.Cluster, "shards", Sets),
        Some.Capabilities with { HasPrimary = false, Reach = reach },
        [.. Sets.SelectMany(set => set.Members).Distinct().Select(node => new MemberSnapshot(
            Some.Observation(node, replicaSet: Sets.First(set => set.Members.Contains(node)).Name),
            [.. Sets.Where(set => set.Members.Contains(node)).Select(set => set.Name.Split('@')).Select(name =>
                Some.Estimate(new ShardUnit(name[0], name[1]), 100, 60) with { ReplicaSet = $"{name[0]}@{name[1]}" })]))],
        Some.Noon);
}
