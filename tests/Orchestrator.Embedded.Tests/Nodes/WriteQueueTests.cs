using Akka.Actor;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Nodes.Collections;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Tests.Nodes;

public sealed class WriteQueueTests
{
    [Fact]
    public void A_full_queue_takes_nothing_more()
    {
        var queue = new WriteQueue(capacity: 2, commitLimit: 10);

        Assert.True(queue.TryAdd(Write(1)));
        Assert.True(queue.TryAdd(Write(1)));
        Assert.False(queue.TryAdd(Write(1)));
    }

    [Fact]
    public void A_commit_takes_the_oldest_writes_up_to_its_limit()
    {
        var queue = new WriteQueue(capacity: 10, commitLimit: 5);
        foreach (var size in new[] { 2, 2, 2 })
        {
            queue.TryAdd(Write(size));
        }

        Assert.Equal(2, queue.TakeForCommit().Count);
        Assert.Single(queue.TakeForCommit());
        Assert.Empty(queue.TakeForCommit());
    }

    [Fact]
    public void A_write_larger_than_the_limit_is_a_commit_of_its_own()
    {
        var queue = new WriteQueue(capacity: 10, commitLimit: 5);
        queue.TryAdd(Write(8));
        queue.TryAdd(Write(1));

        Assert.Equal(8, Assert.Single(queue.TakeForCommit()).Operations.Count);
    }

    private static PendingWrite Write(int operations) => new(
        ActorRefs.Nobody,
        [.. Enumerable.Range(0, operations).Select(i => new WriteOperation.Delete($"d{i}"))],
        WriteConcern.Primary,
        (_, _) => new DocumentMissing(""));
}
