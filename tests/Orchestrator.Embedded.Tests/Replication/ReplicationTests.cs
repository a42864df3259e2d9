using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Embedded.Tests.Replication;

public sealed class ReplicationTests : PatientTestKit
{
    private readonly TestNodes nodes;

    public ReplicationTests()
    {
        nodes = new TestNodes(Sys, 3);
    }

    [Fact]
    public async Task A_member_that_was_away_catches_up_and_its_lag_shows()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.PutAsync("node-1", "a", "{}");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        nodes.Feeds.CutOff("node-3");
        for (var i = 0; i < 50; i++)
        {
            Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", $"d{i}", "{}"));
        }

        await nodes.ObserveUntilAsync("node-3", seen => seen.Lag.Seconds > 0);
        nodes.Feeds.Heal("node-3");

        Assert.Equal(51, (await nodes.AwaitEqualAsync("node-1", "node-2", "node-3")).Documents);
        await nodes.ObserveUntilAsync("node-3", seen => seen.Lag == ReplicationLag.None);
    }

    [Fact]
    public async Task A_planned_change_of_primary_loses_nothing_and_rolls_nothing_back()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        for (var i = 0; i < 20; i++)
        {
            await nodes.PutAsync("node-1", $"d{i}", "{}");
        }

        await nodes.AskAsync<WritesStopped>("node-1", new StopWrites(1, "rs", 1, TimeSpan.FromSeconds(10)));
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        await nodes.AppointAsync("node-2", 2, 1);

        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-2", "after", "{}"));
        Assert.Equal(new NotPrimary("node-2", "memory://node-2"), await nodes.PutAsync("node-1", "x", "{}"));
        Assert.Equal(21, (await nodes.AwaitEqualAsync("node-1", "node-2", "node-3")).Documents);
        Assert.False(Directory.Exists(Path.Combine(nodes.DirectoryOf("node-1"), "shop", "orders", "rollback")));
    }

    [Fact]
    public async Task A_new_primary_catches_up_from_the_most_advanced_promiser_before_it_takes_writes()
    {
        await nodes.LosePrimaryAsync(behind: "node-2", documents: 30);
        var appointment = await nodes.AppointAsync("node-2", 2, 2, "node-2", "node-3");

        Assert.Contains(appointment.CatchUp, source => source is { Node: "node-3", Position.Collection: "orders" });
        Assert.IsType<DocumentFound>(await nodes.GetAsync("node-2", "d29"));
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-2", "after", "{}"));
        Assert.Equal(32, (await nodes.AwaitEqualAsync("node-2", "node-3")).Documents);
    }

    [Fact]
    public async Task A_returning_primary_drops_what_no_majority_had_and_saves_it()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.PutAsync("node-1", "kept", "{\"by\":1}");
        await nodes.PutAsync("node-1", "overwritten", "{\"by\":1}");
        await nodes.PutAsync("node-1", "deleted", "{\"by\":1}");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        nodes.Feeds.CutOff("node-1");
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "lost", "{\"by\":1}", WriteConcern.Primary));
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "overwritten", "{\"by\":\"nobody\"}", WriteConcern.Primary));
        Assert.IsType<DocumentWritten>(await nodes.AskAsync<DataReply>(
            "node-1", new DeleteDocument("shop", "orders", "deleted", null, WriteConcern.Primary)));

        await nodes.AppointAsync("node-2", 2, 2, "node-2", "node-3");
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-2", "new", "{\"by\":2}"));
        nodes.Feeds.Heal("node-1");
        await nodes.AskAsync<AppointmentFollowed>(
            "node-1", new FollowAppointment(2, "rs", new Appointment(2, "node-2", "memory://node-2", nodes.Names, [])));

        Assert.Equal(4, (await nodes.AwaitEqualAsync("node-1", "node-2", "node-3")).Documents);
        Assert.IsType<DocumentMissing>(await nodes.GetAsync("node-1", "lost", fromAnyMember: true));
        Assert.Equal(
            "{\"by\":1}"u8.ToArray(),
            Assert.IsType<DocumentFound>(await nodes.GetAsync("node-1", "overwritten", fromAnyMember: true)).Body.ToArray());
        var saved = Assert.Single(Directory.GetFiles(Path.Combine(nodes.DirectoryOf("node-1"), "shop", "orders", "rollback")));
        Assert.Contains("lost", await File.ReadAllTextAsync(saved), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_acknowledged_majority_write_survives_the_death_of_its_primary()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        var acknowledged = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            if (i == 20)
            {
                nodes.Feeds.CutOff("node-3");
            }

            if (await nodes.PutAsync("node-1", $"d{i}", "{}") is DocumentWritten written)
            {
                acknowledged.Add(written.Id);
            }
        }

        await nodes.StopAsync("node-1");
        nodes.Feeds.CutOff("node-1");
        nodes.Feeds.Heal("node-3");
        await nodes.AppointAsync("node-3", 2, 2, "node-2", "node-3");

        Assert.Equal(40, acknowledged.Count);
        foreach (var id in acknowledged)
        {
            Assert.IsType<DocumentFound>(await nodes.GetAsync("node-3", id));
        }
    }

    /// <summary>Else the members that are ahead of an appointee would drop acknowledged writes before it has caught up from them.</summary>
    [Fact]
    public async Task A_member_that_has_not_heard_who_is_primary_has_nobody_drop_anything()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.PutAsync("node-1", "a", "{}");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        nodes.Feeds.CutOff("node-3");
        for (var i = 0; i < 5; i++)
        {
            Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", $"d{i}", "{}"));
        }

        await nodes.PromiseAsync("node-2", 2, 2);
        await nodes.PromiseAsync("node-3", 2, 2);
        var ahead = new ReadChanges("shop", "orders", 6, 10, TimeSpan.Zero, new FeedReader.Member("node-2", 2, 1));
        Assert.IsType<DataUnavailable>(await nodes.AskAsync<DataReply>("node-3", ahead));

        var appointment = new Appointment(2, "node-3", "memory://node-3", nodes.Names, [
            new CatchUpSource(new FeedPosition("shop", "orders", 1, 6), "node-2", "memory://node-2")]);
        await nodes.AskAsync<AppointmentFollowed>("node-3", new FollowAppointment(2, "rs", appointment));
        Assert.IsType<DataUnavailable>(await nodes.AskAsync<DataReply>("node-3", ahead));

        nodes.Feeds.Heal("node-3");
        await nodes.AskAsync<AppointmentFollowed>("node-2", new FollowAppointment(2, "rs", appointment));
        await nodes.ObserveUntilAsync("node-3", seen => seen.State == NodeState.Online, epoch: 2);
        Assert.Equal(6, (await nodes.AwaitEqualAsync("node-2", "node-3")).Documents);
    }

    [Fact]
    public async Task A_node_that_restarts_goes_on_where_it_was()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.PutAsync("node-1", "a", "{}");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");

        await nodes.StopAsync("node-2");
        await nodes.PutAsync("node-1", "b", "{}");
        nodes.Start("node-2");
        Assert.Equal(2, (await nodes.AwaitEqualAsync("node-1", "node-2", "node-3")).Documents);

        await nodes.StopAsync("node-1");
        nodes.Start("node-1");
        await nodes.AppointAsync("node-1", 2, 1);
        Assert.Equal(2, Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "c", "{}")).Term);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        nodes.Dispose();
    }
}
