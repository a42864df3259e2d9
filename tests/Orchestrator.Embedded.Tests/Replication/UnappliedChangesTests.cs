using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Embedded.Tests.Replication;

/// <summary>A member that gets changes and cannot store them, as on a full disk.</summary>
public sealed class UnappliedChangesTests : PatientTestKit
{
    [Fact]
    public async Task Changes_that_cannot_be_stored_count_as_lag()
    {
        using var nodes = new TestNodes(Sys, 2, options => options with { Replication = options.Replication with { BatchChanges = 1 } });
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.PutAsync("node-1", "a", "{}");
        await nodes.AwaitEqualAsync("node-1", "node-2");

        // Here stand the pieces of a feed until its end has come.
        var pieces = Path.Combine(nodes.DirectoryOf("node-2"), "shop", "orders", "received.sqlite");
        File.Delete(pieces);
        Directory.CreateDirectory(pieces);
        var bulk = Enumerable.Range(1, 5).Select(i => new BulkWrite($"d{i}", "{}"u8.ToArray())).ToList();
        Assert.IsType<BulkWritten>(await nodes.AskAsync<DataReply>("node-1", new WriteBulk("shop", "orders", bulk, WriteConcern.Primary)));

        await nodes.ObserveUntilAsync("node-2", seen => seen.Lag.Changes == 5);
        Directory.Delete(pieces);
        Assert.Equal(6, (await nodes.AwaitEqualAsync("node-1", "node-2")).Documents);
    }
}
