using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;
using Orchestrator.Storage.Compaction;

namespace Orchestrator.Embedded.Tests.Replication;

/// <summary>A member that copies a large collection for the first time; a gate holds it between two pieces.</summary>
public sealed class FirstCopyReplicationTests : PatientTestKit
{
    private const int Documents = 3000;
    private readonly ManualResetEventSlim gate = new(initialState: false);
    private readonly TestNodes nodes;
    private volatile int pieces;

    public FirstCopyReplicationTests()
    {
        nodes = new TestNodes(Sys, 3, options => options with
        {
            ConfirmationTimeout = TimeSpan.FromSeconds(3),
            Replication = options.Replication with { BatchChanges = 100 },
            Storage = options.Node == "node-3" ? options.Storage with { FirstCopyChanges = 500, Failpoint = Hold } : options.Storage,
        });
    }

    [Fact]
    public async Task A_member_that_is_killed_in_the_middle_of_its_first_copy_counts_for_nothing_and_goes_on_with_it()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        nodes.Feeds.CutOff("node-3");
        var writes = Enumerable.Range(0, Documents)
            .Select(i => new BulkWrite($"d{i}", System.Text.Encoding.UTF8.GetBytes($"{{\"n\":{i}}}")))
            .ToList();
        Assert.IsType<BulkWritten>(await nodes.AskAsync<DataReply>("node-1", new WriteBulk("shop", "orders", writes, WriteConcern.Primary)));
        await nodes.AwaitEqualAsync("node-1", "node-2");

        nodes.Feeds.Heal("node-3");
        await nodes.UntilAsync(() => pieces == 5, "the copy never came to the gate");

        await TestNodes.AwaitReplyAsync<DataUnavailable>(() => nodes.GetAsync("node-3", "d1", fromAnyMember: true));
        var refused = Assert.IsType<DataUnavailable>(await nodes.GetAsync("node-3", "d1", fromAnyMember: true));
        Assert.Contains("is copied from the primary", refused.Reason, StringComparison.Ordinal);
        await nodes.ObserveUntilAsync("node-3", seen => seen.State == NodeState.Recovering && seen.Reason.Contains("is copied", StringComparison.Ordinal));
        nodes.Feeds.CutOff("node-2");
        Assert.IsType<WriteNotConfirmed>(await nodes.PutAsync("node-1", "alone", "{}"));
        nodes.Feeds.Heal("node-2");
        var stopping = nodes.StopAsync("node-3");
        gate.Set();
        await stopping;
        pieces = 0;
        nodes.Start("node-3");

        Assert.Equal(Documents + 1, (await nodes.AwaitEqualAsync("node-1", "node-2", "node-3")).Documents);
        Assert.True(pieces <= (Documents / 100) - 4, $"it began anew: {pieces} pieces");
        await nodes.ObserveUntilAsync("node-3", seen => seen.State == NodeState.Online);
    }

    protected override void AfterAll()
    {
        gate.Set();
        base.AfterAll();
        nodes.Dispose();
        gate.Dispose();
    }

    private void Hold(string point)
    {
        if (point == Failpoints.PieceApplied && ++pieces >= 5)
        {
            gate.Wait();
        }
    }
}
