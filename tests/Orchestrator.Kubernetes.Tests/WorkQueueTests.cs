using Orchestrator.Host.Kubernetes;

namespace Orchestrator.Kubernetes.Tests;

public sealed class WorkQueueTests
{
    [Fact]
    public async Task A_name_is_in_the_queue_once_and_is_given_to_one_worker_at_a_time()
    {
        using var queue = new WorkQueue(TimeProvider.System);
        queue.Add("a");
        queue.Add("a");
        queue.Add("b");

        Assert.Equal("a", await queue.Take(CancellationToken.None));
        queue.Add("a");
        Assert.Equal("b", await queue.Take(CancellationToken.None));
        var next = queue.Take(CancellationToken.None);
        Assert.False(next.IsCompleted);
        queue.Done("a");

        Assert.Equal("a", await next);
    }

    [Fact]
    public async Task What_is_to_be_looked_at_later_is_looked_at_once_though_it_comes_sooner()
    {
        using var queue = new WorkQueue(TimeProvider.System);
        queue.AddAfter("a", TimeSpan.FromHours(1));
        queue.Add("a");

        Assert.Equal("a", await queue.Take(CancellationToken.None));
        queue.Done("a");
        queue.AddAfter("a", TimeSpan.Zero);

        Assert.Equal("a", await queue.Take(CancellationToken.None));
    }
}
