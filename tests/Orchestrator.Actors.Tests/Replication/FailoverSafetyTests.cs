using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Tests.Replication;

/// <summary>Nothing that a majority write's client was told may be lost, whoever dies when.</summary>
public sealed class FailoverSafetyTests : TestKit
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
        await nodes.PutAsync("node-1", "first", "{}");
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
        await nodes.PutAsync("node-1", "d0", "{}");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        nodes.Feeds.CutOff("node-3");
        for (var i = 0; i < 60; i++)
        {
            Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", $"d{i % 40}", $"{{\"v\":{i}}}"));
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
        while (answer is WriteNotConfirmed && ++rounds < 10);

        Assert.IsType<DocumentWritten>(answer);
        nodes.Feeds.Heal("node-2");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        nodes.Dispose();
    }
}
