using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Tests.Replication;

/// <summary>
/// Members whose files lose the end of their history while they are down: a disk that had not kept what it said it had, a directory that was restored
/// or copied. Positions of such members can be equal to those of the others, and their contents different.
/// </summary>
public sealed class LostChangesTests : PatientTestKit
{
    private readonly TestNodes nodes;

    public LostChangesTests() => nodes = new TestNodes(Sys, 3);

    [Fact]
    public async Task A_primary_that_starts_again_waits_for_a_new_term_in_which_whoever_has_most_decides()
    {
        await LeadAsync("before");
        await nodes.StopAsync("node-1");
        var older = Copy("node-1");
        nodes.Start("node-1");
        await nodes.AppointAsync("node-1", 2, 1);
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "acknowledged", "{}"));
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        await nodes.StopAsync("node-1");

        // It knows of its reign, and of nothing that it has written in it.
        var member = File.ReadAllBytes(Path.Combine(nodes.DirectoryOf("node-1"), "member.json"));
        Restore(older, "node-1");
        File.WriteAllBytes(Path.Combine(nodes.DirectoryOf("node-1"), "member.json"), member);
        nodes.Start("node-1");
        var seen = await nodes.ObserveUntilAsync("node-1", seen => seen.Reason.Contains("started again", StringComparison.Ordinal));
        Assert.Equal((MemberRole.Secondary, NodeState.Recovering, 2), (seen.Role, seen.State, seen.Term));
        Assert.IsType<DataUnavailable>(await nodes.PutAsync("node-1", "other", "{}"));

        await nodes.AppointAsync("node-1", 3, 1);
        Assert.IsType<DocumentFound>(await nodes.GetAsync("node-1", "acknowledged"));
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
    }

    [Fact]
    public async Task A_member_that_has_less_than_it_confirmed_promises_nothing_and_copies_anew()
    {
        await LeadAsync("before");
        await nodes.StopAsync("node-2");
        var older = Copy("node-2");
        nodes.Start("node-2");
        await WriteAsync("a", "b", "c");
        await nodes.StopAsync("node-2");
        Restore(older, "node-2", "shop");
        nodes.Feeds.CutOff("node-1");
        nodes.Start("node-2");
        await nodes.ObserveUntilAsync("node-2", seen => seen.Alarms.Count == 1);

        var refused = await nodes.AskAsync<object>("node-2", new PromiseTerm(1, "rs", 2));
        Assert.Equal(RefusalCode.WrongState, Assert.IsType<CommandRefused>(refused).Code);
        Assert.False(Directory.Exists(RollBacks("node-2")), "the files were put aside before there was anything to copy from");

        nodes.Feeds.Heal("node-1");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        await nodes.PromiseAsync("node-2", 2, 1);
        var seen = await nodes.ObserveAsync("node-2");
        Assert.Contains("shop/orders has lost changes", Assert.Single(seen.Alarms), StringComparison.Ordinal);
        Assert.Single(Directory.GetDirectories(RollBacks("node-2")));
    }

    [Fact]
    public async Task A_member_that_was_restored_with_its_own_record_is_told_by_the_primary()
    {
        await LeadAsync("before");
        await nodes.StopAsync("node-2");
        var older = Copy("node-2");
        nodes.Start("node-2");
        await WriteAsync("a", "b", "c");
        await nodes.StopAsync("node-2");
        Restore(older, "node-2");
        nodes.Start("node-2");

        await nodes.ObserveUntilAsync("node-2", seen => seen.Alarms.Any(alarm => alarm.Contains("had confirmed everything", StringComparison.Ordinal)));
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
    }

    [Fact]
    public async Task A_member_with_other_changes_under_the_same_numbers_is_found_and_copied_anew()
    {
        await LeadAsync("before");
        await nodes.StopAsync("node-3");
        var older = Copy("node-3");
        nodes.Start("node-3");
        await WriteAsync("a");
        await nodes.StopAsync("node-3");
        Restore(older, "node-3");
        WriteDirectly("node-3", "other", term: 1);
        nodes.Start("node-3");

        // Nothing is written any more: the positions are equal and stay so.
        await nodes.ObserveUntilAsync("node-3", seen => seen.Alarms.Any(alarm => alarm.Contains("a different history", StringComparison.Ordinal)));
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        Assert.IsType<DocumentMissing>(await nodes.GetAsync("node-3", "other", fromAnyMember: true));
        Assert.Single(Directory.GetDirectories(RollBacks("node-3")));
    }

    [Fact]
    public async Task A_primary_that_lacks_changes_of_its_own_term_resigns()
    {
        await LeadAsync("before");
        await nodes.StopAsync("node-2");
        WriteDirectly("node-2", "only-there", term: 1);
        nodes.Start("node-2");

        var seen = await nodes.ObserveUntilAsync("node-1", seen => seen.Role == MemberRole.Secondary);
        Assert.Contains("node-2 has in the same term", seen.Reason, StringComparison.Ordinal);
        await nodes.AppointAsync("node-2", 2, 1);
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        Assert.IsType<DocumentFound>(await nodes.GetAsync("node-2", "only-there"));
    }

    [Fact]
    public async Task A_roll_back_is_no_loss()
    {
        await LeadAsync("before");
        nodes.Feeds.CutOff("node-1");
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "nobody-has-it", "{}", WriteConcern.Primary));
        await nodes.AppointAsync("node-2", 2, 2, "node-2", "node-3");
        await nodes.StopAsync("node-1");
        nodes.Feeds.Heal("node-1");
        nodes.Start("node-1");
        await TestNodes.UntilFollowedAsync(() => nodes.AskAsync<object>(
            "node-1", new FollowAppointment(2, "rs", new Appointment(2, "node-2", "memory://node-2", nodes.Names, []))));
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        await nodes.StopAsync("node-1");
        nodes.Start("node-1");

        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        Assert.Empty((await nodes.ObserveAsync("node-1", 2)).Alarms);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        nodes.Dispose();
    }

    private async Task LeadAsync(string id)
    {
        await nodes.AppointAsync("node-1", 1, 1);
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", id, "{}"));
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
    }

    private async Task WriteAsync(params string[] ids)
    {
        foreach (var id in ids)
        {
            Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", id, "{}"));
        }

        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
    }

    private string RollBacks(string node) => Path.Combine(nodes.DirectoryOf(node), "shop", "orders", "rollback");

    private string Copy(string node)
    {
        var copy = nodes.DirectoryOf(node) + "-older";
        CopyAll(nodes.DirectoryOf(node), copy);
        return copy;
    }

    /// <param name="below">Only this part of the directory; all of it if empty.</param>
    private void Restore(string older, string node, string below = "")
    {
        var directory = Path.Combine(nodes.DirectoryOf(node), below);
        Directory.Delete(directory, recursive: true);
        CopyAll(Path.Combine(older, below), directory);
    }

    private void WriteDirectly(string node, string id, long term)
    {
        using var store = CollectionStore.Open(
            new CollectionDirectory(nodes.DirectoryOf(node), "shop", "orders"), CollectionSettings.Default, StorageOptions.Default, TimeProvider.System);
        store.Commit([new WriteOperation.Put(id, "{}"u8.ToArray())], term);
    }

    private static void CopyAll(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }
}
