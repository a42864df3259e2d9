using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Clusters;
using Orchestrator.Actors.Serialization;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Tests.Members;

/// <summary>What a cluster's actor asks of the members for a run.</summary>
public sealed class MeasuringTests() : TestKit(OrchestratorSerialization.Config)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ScriptedCluster _cluster = new(new ReplicaSetDefinition("rs1", ["m1", "m2"]), new ReplicaSetDefinition("rs2", ["m1", "m2"]));

    [Fact]
    public async Task A_step_s_member_is_measured_for_its_replica_set_alone_once_the_others_are_known()
    {
        var (actor, supervisor) = await Start();
        _cluster["m1"].Units = [Unit("rs1", 10), Unit("rs2", 20)];

        actor.Tell(Measure("rs1"), supervisor);
        await Until<RunsAwaitNoMore>(supervisor);
        Assert.Equal([null], _cluster["m1"].Measured);

        _cluster["m1"].Units = [Unit("rs2", 5)];
        actor.Tell(Measure("rs2"), supervisor);
        await Until<RunsAwaitNoMore>(supervisor);

        Assert.Equal([null, "rs2"], _cluster["m1"].Measured);
        actor.Tell(new TakeInventories(""), supervisor);
        var snapshot = (await Until<InventoriesTaken>(supervisor)).Snapshot;
        Assert.Equal([null, "rs2", null], _cluster["m1"].Measured);
        Assert.Equal([5L], snapshot.Members.Single(member => member.Observation.Node == "m1").Units.Select(unit => unit.Size.FileBytes));
    }

    [Fact]
    public async Task All_members_are_looked_at_at_once_for_a_run_that_waits_for_that()
    {
        var (actor, supervisor) = await Start();

        actor.Tell(new LookForRun("c1"), supervisor);

        Assert.Equal("c1", (await Until<RunsAwaitNoMore>(supervisor)).Cluster);
    }

    [Fact]
    public void What_was_measured_of_one_set_stands_beside_what_is_known_of_the_others()
    {
        var now = DateTimeOffset.UnixEpoch;
        var whole = new NodeInventory("m1", "squeeze", ScriptedCluster.Can, [Unit("rs1", 10), Unit("rs2", 20)], now);
        var part = new NodeInventory("m1", "squeeze", ScriptedCluster.Can, [Unit("rs2", 5)], now) { ReplicaSet = "rs2" };

        var watch = ClusterWatch.Start(new ClusterDefinition("c1", "scripted", _cluster.ReplicaSets), ScriptedCluster.Can)
            .With(part, now)
            .With(whole, now.AddSeconds(1))
            .With(part, now.AddSeconds(2));
        watch = watch with { Sightings = watch.Sightings.Heard(NodeObservation.Never("c1", "rs1", "m1") with { State = NodeState.Online }, now).Next };
        var member = Assert.Single(watch.Snapshot(now).Members);

        Assert.Equal([("rs1", 10L), ("rs2", 5L)], watch.Inventories["m1"].Units.Select(unit => (unit.ReplicaSet, unit.Size.FileBytes)));
        Assert.Equal(now.AddSeconds(1), member.In("rs1").MeasuredAt);
        Assert.Equal(now.AddSeconds(2), member.In("rs2").MeasuredAt);
        Assert.Equal(now.AddSeconds(2), member.ByReplicaSet()("rs2").MeasuredAt);
        Assert.Equal(now.AddSeconds(3), Assert.Single(watch.With(whole, now.AddSeconds(3)).Snapshot(now).Members).In("rs2").MeasuredAt);
    }

    private static MeasureForRun Measure(string set) => new("c1", new MeasureMember("m1", "squeeze", OptionValues.None) { ReplicaSet = set });

    private static UnitEstimate Unit(string set, long bytes) =>
        new(new UnitSize(new ShardUnit("db", set), bytes, 0, bytes), bytes, 0, TimeSpan.Zero) { ReplicaSet = set };

    private async Task<(IActorRef Actor, TestProbe Supervisor)> Start()
    {
        var supervisor = CreateTestProbe();
        var options = new SupervisorOptions { Engines = [_cluster] };
        var definition = new ClusterDefinition(_cluster.Name, _cluster.Engine, []);
        var actor = supervisor.ChildActorOf(ClusterActor.Props(
            new ClusterTask(definition, _cluster, new Dictionary<string, IReadOnlyList<DurableReplicaSetEvent>>(), 1, options.Time.GetUtcNow(), options)));
        actor.Tell(new ShowCluster("", "", []), supervisor);
        await Until<ClusterView>(supervisor);
        return (actor, supervisor);
    }

    private static async Task<T> Until<T>(TestProbe probe) => (T)await probe.FishForMessageAsync(message => message is T, Patience);
}
