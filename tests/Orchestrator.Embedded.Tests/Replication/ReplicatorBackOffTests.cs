using Akka.Actor;
using Akka.TestKit;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Replication;
using Orchestrator.Embedded.Tests.Support;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Embedded.Tests.Replication;

/// <summary>With a clock that is moved by hand.</summary>
public sealed class ReplicatorBackOffTests() : PatientTestKit(HandMoved)
{
    private static readonly PullAfter Question = new(FeedPosition.Empty, 0, true);

    [Fact]
    public void Answers_that_cannot_be_used_again_and_again_make_the_pauses_longer()
    {
        var feeds = new Answers();
        var collection = CreateTestProbe();
        var replicator = collection.ChildActorOf(ReplicatorActor.Props(
            new CollectionName("shop", "orders"),
            new ReplicationSource(1, "memory://node-1", 2),
            new NodeOptions
            {
                Cluster = "test",
                ReplicaSet = "rs",
                Node = "node-2",
                Address = "memory://node-2",
                DataDirectory = "unused",
                Replication = new ReplicationOptions { MinBackoff = TimeSpan.FromMilliseconds(100), MaxBackoff = TimeSpan.FromSeconds(10) },
            },
            feeds));
        replicator.Tell(Question);
        for (var i = 0; i < 6; i++)
        {
            collection.ExpectMsg<Pulled>();
            replicator.Tell(new PullAgainLater(Question));
            Wait(replicator);
            if (i < 5)
            {
                ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(10));
            }
        }

        // The sixth failure in a row: a pause of 1.6 to 3.2 s.
        ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(1));
        Wait(replicator);

        Assert.Equal(6, feeds.Asked);
    }

    /// <summary>Until it has taken all that was sent to it.</summary>
    private void Wait(IActorRef actor)
    {
        actor.Tell(new Identify(1), TestActor);
        ExpectMsg<ActorIdentity>();
    }

    private sealed class Answers : IFeedClient
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public Task<DataReply> ReadChangesAsync(string address, ReadChanges request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return Task.FromResult<DataReply>(new HistoryParted(3, 2));
        }

        public Task<DataReply> ReadVersionAsync(string address, ReadVersion request, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
