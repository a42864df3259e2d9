using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Embedded.Tests.Replication;

/// <summary>Nothing that a majority write's client was told may be lost, whoever dies when.</summary>
public sealed class FailoverSafetyTests : PatientTestKit
{
    private readonly TestNodes nodes;

    public FailoverSafetyTests()
    {
        nodes = new TestNodes(Sys, 3, options => options with
        {
            ConfirmationTimeout = TimeSpan.FromMilliseconds(1500),
            Replication = options.Replication with { BatchChanges = 1 },
        });
    }

    [Fact]
    public async Task A_piece_of_the_feed_that_lacks_a_replaced_version_does_not_confirm_it()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.WrittenAsync("node-1", "first", "{}");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        nodes.Feeds.CutOff("node-2");
        nodes.Feeds.CutOff("node-3");
        var majority = nodes.PutAsync("node-1", "x", "{\"v\":1}");
        var between = nodes.PutAsync("node-1", "between", "{}", WriteConcern.Primary);
        var replaced = nodes.PutAsync("node-1", "x", "{\"v\":2}", WriteConcern.Primary);
        Assert.IsType<DocumentWritten>(await between);
        Assert.IsType<DocumentWritten>(await replaced);

        // It gets the piece that ends before the second version, asks for the next one, and the primary dies.
        nodes.Feeds.LoseAnswersAfter("node-3", 1);
        nodes.Feeds.Heal("node-3");
        var answer = await majority;
        await nodes.StopAsync("node-1");
        nodes.Feeds.CutOff("node-1");
        nodes.Feeds.Heal("node-2");
        nodes.Feeds.LoseAnswersAfter("node-3", int.MaxValue);
        await nodes.AppointAsync("node-3", 2, 2, "node-2", "node-3");

        Assert.True(
            answer is WriteNotConfirmed || await nodes.GetAsync("node-3", "x") is DocumentFound,
            $"the client was told {answer}, and the document is gone");
    }

    [Fact]
    public async Task A_member_that_falls_behind_by_many_pieces_catches_up_while_the_primary_goes_on_writing()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.WrittenAsync("node-1", "d0", "{}");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        nodes.Feeds.CutOff("node-3");
        for (var i = 0; i < 60; i++)
        {
            await nodes.WrittenAsync("node-1", $"d{i % 40}", $"{{\"v\":{i}}}");
        }

        nodes.Feeds.Heal("node-3");
        nodes.Feeds.CutOff("node-2");
        DataReply answer;
        var rounds = 0;
        do
        {
            // Nobody but the member behind can confirm.
            answer = await nodes.PutAsync("node-1", $"d{rounds % 40}", "{}");
        }
        while (answer is WriteNotConfirmed && ++rounds < 60);

        Assert.IsType<DocumentWritten>(answer);
        nodes.Feeds.Heal("node-2");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
    }

    [Fact]
    public async Task An_appointee_that_has_not_heard_of_it_yet_makes_nobody_drop_changes()
    {
        await nodes.LosePrimaryAsync(behind: "node-2", documents: 5);
        var behind = await nodes.PromiseAsync("node-2", 2, 2);
        var ahead = await nodes.PromiseAsync("node-3", 2, 2);
        var appointment = new Appointment(
            2, "node-2", TestNodes.Scheme + "node-2", nodes.Names,
            [.. ahead.Positions.Where(position => !MemberDecider.Reaches(behind.Positions, [position]))
                .Select(position => new CatchUpSource(position, "node-3", TestNodes.Scheme + "node-3"))]);
        Assert.Single(appointment.CatchUp);

        // The one that is ahead hears of it first, and asks the appointee, twice: by then it has acted by the first answer.
        await nodes.AskAsync<AppointmentFollowed>("node-3", new FollowAppointment(2, "rs", appointment));
        await nodes.UntilAsync(() => nodes.Feeds.Asked("node-3", "node-2") >= 2, "node-3 does not ask node-2");
        await nodes.AskAsync<AppointmentFollowed>("node-2", new FollowAppointment(2, "rs", appointment));
        await nodes.ObserveUntilAsync("node-2", seen => seen is { Term: 2, State: NodeState.Online }, 2);
        await nodes.AwaitServingAsync("node-2");

        for (var i = 0; i < 5; i++)
        {
            Assert.IsType<DocumentFound>(await nodes.GetAsync("node-2", $"d{i}"));
        }

        await nodes.AwaitEqualAsync("node-2", "node-3");
        Assert.False(Directory.Exists(Path.Combine(nodes.DirectoryOf("node-3"), "shop", "orders", "rollback")));
    }

    [Fact]
    public async Task A_member_that_has_rolled_back_promises_nothing_before_it_has_fetched_what_it_lacks()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.WrittenAsync("node-1", "overwritten", "{\"by\":1}", WriteConcern.Primary);
        await nodes.WrittenAsync("node-1", "other", "{\"by\":1}", WriteConcern.Primary);
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        nodes.Feeds.CutOff("node-1");
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "overwritten", "{\"by\":\"nobody\"}", WriteConcern.Primary));
        await nodes.AppointAsync("node-2", 2, 2, "node-2", "node-3");
        nodes.Feeds.AllowVersions("node-1", false);
        nodes.Feeds.Heal("node-1");
        await nodes.AskAsync<AppointmentFollowed>(
            "node-1", new FollowAppointment(2, "rs", new Appointment(2, "node-2", "memory://node-2", nodes.Names, [])));
        await nodes.ObserveUntilAsync("node-1", seen => seen.Positions.Any(position => position is { Collection: "orders", Sequence: 2 }), 2);

        var refused = await nodes.AskAsync<object>("node-1", new PromiseTerm(2, "rs", 3));

        Assert.Equal(RefusalCode.WrongState, Assert.IsType<CommandRefused>(refused).Code);
        Assert.Contains("shop/orders", ((CommandRefused)refused).Reason, StringComparison.Ordinal);

        // It goes on following, so that it gets there.
        nodes.Feeds.AllowVersions("node-1", true);
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        await nodes.PromiseAsync("node-1", 3, 2);
        Assert.Equal(
            "{\"by\":1}"u8.ToArray(),
            Assert.IsType<DocumentFound>(await nodes.GetAsync("node-1", "overwritten", fromAnyMember: true)).Body.ToArray());
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        nodes.Dispose();
    }
}
