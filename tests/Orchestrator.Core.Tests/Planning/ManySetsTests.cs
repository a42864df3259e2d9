using System.Collections;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Planning;

/// <summary>Clusters whose members belong to many replica sets.</summary>
public sealed class ManySetsTests
{
    private static readonly string[] Nodes = ["node-1", "node-2", "node-3"];

    private static readonly EngineCapabilities Capabilities = Some.Capabilities with { HasPrimary = false, Reach = CompactionReach.ReplicaSet, MustStay = StayingMembers.One };

    [Fact]
    public void A_plan_goes_through_the_units_of_a_member_a_few_times_however_many_sets_there_are()
    {
        var units = Enumerable.Range(0, 500).Select(number => Unit($"db-{number:000}")).ToList();
        var lists = Nodes.Select(_ => new Counted(units)).ToList();

        var plan = Plan(Snapshot(units, node => lists[node]), CompactionScope.Everything);

        Assert.Equal(1500, plan.Steps.Count());
        Assert.All(plan.Steps, step => Assert.Equal(step.ReplicaSet, Assert.Single(((CompactMemberStep)step).Units).ReplicaSet));
        Assert.All(lists, list => Assert.InRange(list.Enumerations, 1, 10));
    }

    [Fact]
    public void Each_member_is_what_it_is_in_each_of_its_sets()
    {
        var units = new[] { Unit("a"), Unit("b") };
        var snapshot = Snapshot(units, _ => units);
        var busy = snapshot.Members[0].Observation with
        {
            Memberships =
            [
                new SetMembership("a@0", NodeState.Compacting, "compacts", MemberRole.Secondary, 0, "", ReplicationLag.None),
                new SetMembership("b@0", NodeState.Online, "", MemberRole.Secondary, 0, "", ReplicationLag.None),
            ],
        };

        var sets = ReplicaSetSnapshot.All(snapshot with { Members = [snapshot.Members[0] with { Observation = busy }, .. snapshot.Members.Skip(1)] });

        Assert.Equal([NodeState.Compacting, NodeState.Online], sets.Select(set => set.Members[0].Observation.State));
        Assert.Equal(["a", "b"], sets.Select(set => Assert.Single(set.Members[0].Units).Size.Unit.Database));
    }

    [Fact]
    public void Sets_come_in_the_order_of_their_priority_and_equal_ones_in_that_of_the_cluster()
    {
        var units = new[] { Unit("a", 1), Unit("b", 7), Unit("c", 1), Unit("d", 3) };

        var plan = Plan(Snapshot(units, _ => units), CompactionScope.Everything);

        Assert.Equal(["b@0", "d@0", "a@0", "c@0"], plan.ReplicaSets.Select(set => set.ReplicaSet));
        Assert.Equal(Enumerable.Range(1, 12), plan.Steps.Select(step => step.Number));
    }

    [Theory]
    [InlineData("user-*", "user-1 user-2")]
    [InlineData("user-?", "user-1 user-2")]
    [InlineData("shop", "shop")]
    public void Databases_are_chosen_by_pattern(string pattern, string expected)
    {
        var units = new[] { Unit("shop"), Unit("user-1"), Unit("user-2") };

        var plan = Plan(Snapshot(units, _ => units), CompactionScope.Everything with { Databases = [pattern] });

        Assert.Equal(expected.Split(' '), plan.Steps.OfType<CompactMemberStep>().Select(step => step.Units[0].Size.Unit.Database).Distinct());
    }

    [Fact]
    public void A_pattern_of_databases_never_takes_those_of_the_system()
    {
        var snapshot = Snapshot([Unit("_users"), Unit("shop")], _ => [Unit("shop")]);
        snapshot = snapshot with { Members = [.. snapshot.Members.Select(member => member with { SystemUnits = [Unit("_users")] })] };

        Assert.Equal(["shop"], Chosen("*"));
        Assert.Equal(["_users"], Chosen("_users"));

        IEnumerable<string> Chosen(string name) => Plan(snapshot, CompactionScope.Everything with { Databases = [name] }).Steps
            .OfType<CompactMemberStep>().Select(step => step.Units[0].Size.Unit.Database).Distinct();
    }

    [Fact]
    public void Views_are_chosen_by_pattern_and_one_that_matches_none_is_an_error()
    {
        var units = new[] { View("by-date"), View("by-name"), View("all") };
        var snapshot = Snapshot([Unit("shop")], _ => units);

        var plan = Plan(snapshot, CompactionScope.Everything with { Indexes = IndexSelection.Named(["by-*"]) });
        var refused = Assert.IsType<PlanResult.Refused>(
            Planner.Plan(snapshot, Some.Request() with { Scope = CompactionScope.Everything with { Databases = ["stock-*"], Indexes = IndexSelection.Named(["of-*"]) } }, CompactionPolicy.Default));

        Assert.Equal(["by-date", "by-name"], ((CompactMemberStep)plan.Steps.First()).Units.Select(unit => unit.Size.Unit.IndexName));
        Assert.Equal(["stock-*", "of-*"], refused.Problems.Select(problem => problem.Subject));
    }

    private static CompactionPlan Plan(ClusterSnapshot snapshot, CompactionScope scope) =>
        Assert.IsType<PlanResult.Planned>(Planner.Plan(snapshot, Some.Request() with { Scope = scope }, CompactionPolicy.Default)).Plan;

    private static UnitEstimate Unit(string database, double priority = 0) =>
        Some.Estimate(new ShardUnit(database, "0"), 1000, 500) with { ReplicaSet = $"{database}@0", Priority = priority };

    private static UnitEstimate View(string name) =>
        Some.Estimate(new ViewUnit("shop", "0", name), 1000, 500) with { ReplicaSet = "shop@0" };

    private static ClusterSnapshot Snapshot(IEnumerable<UnitEstimate> sets, Func<int, IReadOnlyList<UnitEstimate>> units) => new(
        new ClusterDefinition(Some.Cluster, "couchdb", [.. sets.Select(unit => new ReplicaSetDefinition(unit.ReplicaSet, Nodes))]),
        Capabilities,
        [.. Nodes.Select((node, index) => new MemberSnapshot(Some.Observation(node, replicaSet: ""), units(index)))],
        Some.Noon);

    /// <summary>Counts how often it is gone through.</summary>
    private sealed class Counted(IReadOnlyList<UnitEstimate> units) : IReadOnlyList<UnitEstimate>
    {
        public int Enumerations { get; private set; }

        public int Count => units.Count;

        public UnitEstimate this[int index] => units[index];

        public IEnumerator<UnitEstimate> GetEnumerator()
        {
            Enumerations++;
            return units.GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
