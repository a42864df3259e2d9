using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Embedded.Tests.Replication;

public sealed class RetentionTests : PatientTestKit
{
    private TestNodes nodes = null!;

    [Fact]
    public async Task A_tombstone_that_a_member_lacks_is_not_dropped_and_the_member_does_not_bring_the_document_back()
    {
        await BeginAsync(TimeSpan.Zero);
        nodes.Feeds.CutOff("node-3");
        await DeleteAsync("gone");

        var done = await CompactAsync("node-1", 1);

        Assert.Equal(0, done.Units.Sum(unit => unit.TombstonesDropped));
        nodes.Feeds.Heal("node-3");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        Assert.IsType<DocumentMissing>(await nodes.GetAsync("node-3", "gone", fromAnyMember: true));
        Assert.False(Directory.Exists(Path.Combine(nodes.DirectoryOf("node-3"), "shop", "orders", "rollback")));
    }

    [Fact]
    public async Task A_member_that_was_away_for_longer_than_tombstones_are_kept_is_copied_anew()
    {
        await BeginAsync(TimeSpan.Zero);
        await nodes.StopAsync("node-3");
        var old = Copy("node-3");
        nodes.Start("node-3");
        await nodes.ObserveUntilAsync("node-3", seen => seen.State == NodeState.Online);
        await DeleteAsync("gone");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        await DroppedAsync("node-1", 1);

        // Its files come back from before the deletion, as those of a machine that was away for that long, and neither it nor
        // the primary of the next term knows what it had confirmed.
        await nodes.StopAsync("node-3");
        Restore(old, "node-3");
        var appointment = await nodes.AppointAsync("node-1", 2, 2, "node-1", "node-2");
        File.Delete(Path.Combine(nodes.DirectoryOf("node-3"), "confirmed.json"));
        nodes.Start("node-3");
        await TestNodes.UntilFollowedAsync(() => nodes.AskAsync<object>("node-3", new FollowAppointment(2, "rs", appointment)));

        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        Assert.IsType<DocumentMissing>(await nodes.GetAsync("node-3", "gone", fromAnyMember: true));
        var saved = Assert.Single(Directory.GetFiles(Path.Combine(nodes.DirectoryOf("node-3"), "shop", "orders", "rollback")));
        Assert.Contains("gone", await File.ReadAllTextAsync(saved), StringComparison.Ordinal);

        // And it is a member like any other: as primary it has what the others have.
        await nodes.AppointAsync("node-3", 3, 2);
        Assert.IsType<DocumentMissing>(await nodes.GetAsync("node-3", "gone"));
        Assert.IsType<DocumentFound>(await nodes.GetAsync("node-3", "kept"));
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
    }

    [Fact]
    public async Task Tombstones_within_the_retention_stay()
    {
        await BeginAsync(TimeSpan.FromDays(1));
        await DeleteAsync("gone");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");

        for (var run = 1; run <= 3; run++)
        {
            Assert.Equal(0, (await CompactAsync("node-1", run)).Units.Sum(unit => unit.TombstonesDropped));
        }
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        nodes?.Dispose();
    }

    private static CompactUnits Order(CompactionTicket ticket) => new(
        1, ticket, [new DocumentsUnit("shop", "orders")], new CompactionSettings("rewrite", true, 0, ""));

    private async Task BeginAsync(TimeSpan retention)
    {
        nodes = new TestNodes(Sys, 3, options => options with { TombstoneRetention = retention });
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.PutAsync("node-1", "kept", "{}");
        await nodes.PutAsync("node-1", "gone", "{}");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
    }

    private async Task DeleteAsync(string id) => Assert.IsType<DocumentWritten>(
        await nodes.AskAsync<DataReply>("node-1", new DeleteDocument("shop", "orders", id, null, WriteConcern.Majority)));

    private async Task<CompactionSucceeded> CompactAsync(string node, int run)
    {
        var ticket = new CompactionTicket($"run-{run}", 1, 1);
        await nodes.AskAsync<CompactionStatus>(node, Order(ticket));
        return await nodes.AwaitEndAsync<CompactionSucceeded>(node, ticket);
    }

    /// <summary>Compacts until the primary has heard that all have the deletion, and drops the tombstone.</summary>
    private async Task DroppedAsync(string node, int run)
    {
        for (var attempt = run; attempt < run + 100; attempt++)
        {
            if ((await CompactAsync(node, attempt)).Units.Sum(unit => unit.TombstonesDropped) > 0)
            {
                return;
            }

            await Poll.PauseAsync();
        }

        Assert.Fail("the tombstone was never dropped");
    }

    private string Copy(string node)
    {
        var to = nodes.DirectoryOf(node) + "-old";
        CopyAll(Path.Combine(nodes.DirectoryOf(node), "shop"), to);
        return to;
    }

    private void Restore(string from, string node)
    {
        var to = Path.Combine(nodes.DirectoryOf(node), "shop");
        Directory.Delete(to, recursive: true);
        CopyAll(from, to);
    }

    private static void CopyAll(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
