using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http;
using Orchestrator.Host.Kubernetes.Eviction;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Kubernetes;

public sealed class EvictionGuardTests : TestKit
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    private readonly ManualTime _time = new();
    private readonly List<ISupervisorRequest> _asked = [];
    private ClusterView _cluster = Samples.View;
    private IReadOnlyList<HeldWork> _working = [];

    [Fact]
    public async Task A_pod_may_go_when_nothing_works_next_to_its_member_which_is_held_from_then_on()
    {
        var verdict = await Guard().Judge(Removal("node-2"), default);

        Assert.Equal(RemovalVerdict.Allowed, verdict);
        var hold = Assert.Single(_asked.OfType<PlaceHold>());
        Assert.Equal(("main", "evict.node-2", "kubernetes admin"), (hold.Cluster, hold.Owner, hold.By));
        Assert.Equal(["node-2"], hold.Members);
    }

    [Fact]
    public async Task While_a_step_works_next_to_its_member_a_pod_is_refused_for_a_bounded_time()
    {
        _working = [new HeldWork("node-3", "r1", 4)];
        var guard = Guard();

        var first = await guard.Judge(Removal("node-2"), default);
        for (var asked = 0; asked < 29; asked++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.NotEmpty((await guard.Judge(Removal("node-2"), default)).Refusal);
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        var last = await guard.Judge(Removal("node-2"), default);

        Assert.StartsWith("run r1 works on node-3 (step 4)", first.Refusal, StringComparison.Ordinal);
        Assert.EndsWith("the pod may go at 2026-01-31 22:45:00Z at the latest", first.Refusal, StringComparison.Ordinal);
        Assert.Equal("", last.Refusal);
        Assert.Contains("allowed since it was refused for 30", last.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_given_up_and_asks_again_later_is_refused_anew()
    {
        _working = [new HeldWork("node-3", "r1", 4)];
        var guard = Guard();
        await guard.Judge(Removal("node-2"), default);

        _time.Advance(Longest * 2);

        Assert.NotEmpty((await guard.Judge(Removal("node-2"), default)).Refusal);
    }

    [Fact]
    public async Task No_second_member_of_a_set_is_taken_out_but_the_one_that_is_out_may_go()
    {
        _cluster = WithState("node-3", NodeState.Unreachable);

        var second = await Guard().Judge(Removal("node-2"), default);
        var same = await Guard().Judge(Removal("node-3"), default);

        Assert.StartsWith("node-3 of replica set rs-1 is unreachable: without node-2 a second member would be out", second.Refusal, StringComparison.Ordinal);
        Assert.Equal(RemovalVerdict.Allowed, same);
    }

    [Fact]
    public async Task A_question_alone_holds_nothing_and_foreign_pods_may_go()
    {
        var guard = Guard();

        Assert.Equal(RemovalVerdict.Allowed, await guard.Judge(Removal("node-2") with { IsDryRun = true }, default));
        Assert.Equal(RemovalVerdict.Allowed, await guard.Judge(Removal("web-1"), default));
        Assert.Equal(RemovalVerdict.Allowed, await guard.Judge(Removal("node-2") with { Namespace = "elsewhere" }, default));
        Assert.Empty(_asked.OfType<PlaceHold>());
    }

    [Fact]
    public async Task Without_a_supervisor_a_pod_may_go_with_a_warning()
    {
        var verdict = await new EvictionGuard(new SupervisorGateway(), "databases", Longest, _time).Judge(Removal("node-2"), default);

        Assert.Equal("", verdict.Refusal);
        Assert.StartsWith("the compaction orchestrator did not check this: ", verdict.Warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mongo-0.mongo.shop.svc.cluster.local:27017", "", "mongo-0", "shop", true)]
    [InlineData("mongo-0.mongo.shop.svc:27017", "", "mongo-0", "databases", false)]
    [InlineData("couchdb@couch-1.couch", "", "couch-1", "databases", true)]
    [InlineData("m1", "http://etcd-0.etcd:2379", "etcd-0", "databases", true)]
    [InlineData("m1", "http://etcd-0.etcd:2379", "m1", "databases", true)]
    [InlineData("etcd-10", "", "etcd-1", "databases", false)]
    [InlineData("10.0.0.1:27017", "", "10", "databases", false)]
    public void The_member_of_a_pod_is_known_by_its_name_or_address(string node, string address, string pod, string place, bool expected)
    {
        var member = Samples.View.ReplicaSets[0].Members[0].Observation with { Node = node, Address = address };

        Assert.Equal(expected, PodNames.IsMember(member, pod, place, "databases"));
    }

    private static PodRemoval Removal(string pod) => new(pod, "databases", "admin", false);

    private ClusterView WithState(string node, NodeState state) => _cluster with
    {
        ReplicaSets = [.. _cluster.ReplicaSets.Select(set => set with
        {
            Members = [.. set.Members.Select(member => member.Observation.Node == node ? member with { Observation = member.Observation with { State = state } } : member)],
        })],
    };

    private EvictionGuard Guard()
    {
        var gateway = new SupervisorGateway();
        gateway.Attach(Sys.ActorOf(Props.Create(() => new Supervisor(this))));
        return new EvictionGuard(gateway, "databases", Longest, _time);
    }

    private object Answer(ISupervisorRequest request)
    {
        _asked.Add(request);
        return request is PlaceHold order
            ? new HoldView(new Hold(order.Cluster, order.Owner, order.Reason, order.Members, order.By, Samples.Now, Samples.Now + order.Length), _working)
            : new ClusterList([_cluster]);
    }

    private sealed class Supervisor : ReceiveActor
    {
        public Supervisor(EvictionGuardTests test) => Receive<ISupervisorRequest>(request => Sender.Tell(test.Answer(request)));
    }
}
