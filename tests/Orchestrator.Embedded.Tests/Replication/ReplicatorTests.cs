using Akka.Actor;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Replication;
using Orchestrator.Embedded.Tests.Support;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Embedded.Tests.Replication;

public sealed class ReplicatorTests : PatientTestKit
{
    private static readonly ReplicationOptions Replication = new()
    {
        MinBackoff = TimeSpan.FromMilliseconds(10),
        MaxBackoff = TimeSpan.FromMilliseconds(40),
    };

    [Fact]
    public void The_pause_doubles_with_each_failure_up_to_its_limit()
    {
        var options = new ReplicationOptions { MinBackoff = TimeSpan.FromMilliseconds(100), MaxBackoff = TimeSpan.FromSeconds(3) };

        Assert.Equal(
            [100, 200, 400, 800, 1600, 3000, 3000, 3000],
            Enumerable.Range(1, 8).Select(failures => (int)ReplicatorActor.Pause(options, failures, random: 1).TotalMilliseconds));
        Assert.Equal(TimeSpan.FromMilliseconds(50), ReplicatorActor.Pause(options, 1, random: 0));
        Assert.Equal(TimeSpan.FromSeconds(3), ReplicatorActor.Pause(options, int.MaxValue, random: 1));
    }

    [Fact]
    public void After_a_failure_it_tells_its_parent_and_asks_again_by_itself()
    {
        var feeds = new Script(
            () => throw new FeedUnreachableException("no route"),
            () => new TermStale(9),
            () => new HistoryParted(3, 2));
        var replicator = Replicator(feeds);

        replicator.Tell(new PullAfter(new FeedPosition(1, 7), 0, true));

        Assert.Equal(new PullFailed(4, "no route"), ExpectMsg<PullFailed>());
        Assert.Contains("9", ExpectMsg<PullFailed>().Reason, StringComparison.Ordinal);
        Assert.Equal(new Pulled(4, new HistoryParted(3, 2)), ExpectMsg<Pulled>());
        Assert.Equal([7, 7, 7], feeds.Asked.Select(request => request.Since));
        Assert.All(feeds.Asked, request => Assert.Equal(new FeedReader.Member("node-2", 2, 1), request.Reader));
    }

    [Fact]
    public void It_asks_for_nothing_until_it_is_told_to()
    {
        var feeds = new Script(() => new HistoryParted(3, 2), () => new HistoryParted(2, 2));
        var replicator = Replicator(feeds);
        replicator.Tell(new PullAfter(FeedPosition.Empty, 0, true));
        ExpectMsg<Pulled>();

        ExpectNoMsg(TimeSpan.FromMilliseconds(100));
        replicator.Tell(new PullAfter(new FeedPosition(1, 2), 0, true));

        ExpectMsg<Pulled>();
        Assert.Equal(2, feeds.Asked.Count);
    }

    private IActorRef Replicator(IFeedClient feeds)
    {
        var options = new NodeOptions
        {
            Cluster = "test",
            ReplicaSet = "rs",
            Node = "node-2",
            Address = "memory://node-2",
            DataDirectory = "unused",
            Replication = Replication,
        };
        var test = TestActor;
        return Sys.ActorOf(Props.Create(() => new Parent(test, options, feeds)));
    }

    /// <summary>Stands where the collection actor stands.</summary>
    private sealed class Parent : ReceiveActor
    {
        public Parent(IActorRef test, NodeOptions options, IFeedClient feeds)
        {
            var child = Context.ActorOf(ReplicatorActor.Props(
                new CollectionName("shop", "orders"), new ReplicationSource(4, "memory://node-1", 2), options, feeds));
            Receive<PullAfter>(child.Tell);
            ReceiveAny(test.Tell);
        }
    }

    private sealed class Script(params Func<DataReply>[] answers) : IFeedClient
    {
        private int next;

        public List<ReadChanges> Asked { get; } = [];

        public Task<DataReply> ReadChangesAsync(string address, ReadChanges request, CancellationToken cancellationToken)
        {
            Asked.Add(request);
            return Task.FromResult(answers[next++]());
        }

        public Task<DataReply> ReadVersionAsync(string address, ReadVersion request, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
