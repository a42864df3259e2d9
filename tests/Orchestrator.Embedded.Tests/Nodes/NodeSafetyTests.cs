using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Embedded.Tests.Nodes;

/// <summary>What a node must not do when members are cut off, messages are late, or what it knew is over.</summary>
public sealed class NodeSafetyTests : PatientTestKit
{
    /// <summary>A lease that is soon over, for tests that wait for its end.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(800);

    /// <summary>One that lasts as long as a test.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private TestNodes nodes = null!;

    [Fact]
    public async Task A_secondary_leads_nobody_to_a_primary_that_does_not_answer_and_says_so()
    {
        Begin(Short);
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.WrittenAsync("node-1", "a", "{}");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        var elsewhere = await TestNodes.AwaitReplyAsync<NotPrimary>(() => nodes.PutAsync("node-2", "b", "{}"));
        Assert.Equal("memory://node-1", elsewhere.PrimaryAddress);
        var told = CreateTestProbe();
        Sys.EventStream.Subscribe(told.Ref, typeof(PrimaryUnheard));

        nodes.Feeds.CutOff("node-1");
        var refused = await TestNodes.AwaitReplyAsync<DataUnavailable>(() => nodes.PutAsync("node-2", "b", "{}"));
        Assert.Contains("no answer from the primary node-1", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("node-1", told.FishForMessage<PrimaryUnheard>(unheard => unheard.Node == "node-2").Reason, StringComparison.Ordinal);
        Assert.IsType<DocumentFound>(await nodes.GetAsync("node-2", "a", fromAnyMember: true));

        nodes.Feeds.Heal("node-1");
        await TestNodes.AwaitReplyAsync<NotPrimary>(() => nodes.PutAsync("node-2", "b", "{}"));
        Assert.Equal("", told.FishForMessage<PrimaryUnheard>(unheard => unheard.Node == "node-2").Reason);
    }

    [Fact]
    public async Task A_collection_that_the_catalog_no_longer_names_is_forgotten_and_can_be_created_again()
    {
        var parted = await PartCatalogsAsync();
        nodes.Feeds.Heal("node-1");
        await nodes.AskAsync<AppointmentFollowed>("node-1", new FollowAppointment(2, "rs", parted));

        await nodes.ObserveUntilAsync(
            "node-1",
            seen => seen is { State: NodeState.Online, Term: 2 } && seen.Positions.All(position => position.Collection != "ghost"),
            epoch: 2);
        Assert.IsType<CollectionMissing>(await nodes.AskAsync<DataReply>("node-1", new GetDocument("shop", "ghost", "g", true)));
        Assert.IsType<DocumentWritten>(await PutAsync("node-2", "ghost", "again"));
        await nodes.ObserveUntilAsync(
            "node-1",
            seen => seen.State == NodeState.Online && seen.Positions.Any(position => position is { Collection: "ghost", Term: 2 }),
            epoch: 2);
        Assert.IsType<DocumentMissing>(await nodes.AskAsync<DataReply>("node-1", new GetDocument("shop", "ghost", "g", true)));
    }

    [Fact]
    public async Task A_collection_that_the_most_advanced_catalog_does_not_name_holds_no_appointee_up()
    {
        await PartCatalogsAsync();
        nodes.Feeds.Heal("node-1");

        var appointment = await nodes.AppointAsync("node-2", 3, 2);

        Assert.Contains(appointment.CatchUp, source => source is { Node: "node-1", Position.Collection: "ghost" });
    }

    [Fact]
    public async Task A_halted_primary_without_contact_serves_no_reads_after_its_lease()
    {
        Begin(Short);
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.WrittenAsync("node-1", "a", "{}");
        await nodes.AskAsync<WritesStopped>("node-1", new StopWrites(1, "rs", 1, TimeSpan.FromHours(1)));
        await TestNodes.AwaitReplyAsync<DocumentFound>(() => nodes.GetAsync("node-1", "a"));

        nodes.Feeds.CutOff("node-1");

        await TestNodes.AwaitReplyAsync<DataUnavailable>(() => nodes.GetAsync("node-1", "a"));
    }

    [Fact]
    public async Task An_appointee_takes_no_writes_before_a_majority_has_shown_itself()
    {
        Begin(Short);
        foreach (var node in nodes.Names)
        {
            await nodes.PromiseAsync(node, 1, 1);
        }

        nodes.Feeds.CutOff("node-1");
        await nodes.AskAsync<AppointmentFollowed>(
            "node-1", new FollowAppointment(1, "rs", new Appointment(1, "node-1", "memory://node-1", nodes.Names, [])));

        Assert.IsType<DataUnavailable>(await nodes.PutAsync("node-1", "a", "{}", WriteConcern.Primary));
        await nodes.ObserveUntilAsync("node-1", seen => seen.Reason.Contains("no contact with a majority", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stranger_with_a_high_term_deposes_nobody()
    {
        Begin(Long);
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.WrittenAsync("node-1", "a", "{}");

        await nodes.AskAsync<DataReply>(
            "node-1", new ReadChanges("shop", "orders", 0, 10, TimeSpan.Zero, new FeedReader.Member("node-9", 999, 0)));

        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "b", "{}"));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        nodes?.Dispose();
    }

    private void Begin(TimeSpan lease) => nodes = new TestNodes(Sys, 3, options => options with { Lease = lease });

    /// <summary>
    /// Only node-1, cut off, has created the collection <c>ghost</c>; node-2 then became primary of term 2, and its catalog went on.
    /// </summary>
    private async Task<Appointment> PartCatalogsAsync()
    {
        Begin(Long);
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.WrittenAsync("node-1", "a", "{}");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        nodes.Feeds.CutOff("node-1");
        Assert.IsType<DocumentWritten>(await PutAsync("node-1", "ghost", "g"));
        var appointment = await nodes.AppointAsync("node-2", 2, 2, "node-2", "node-3");
        await TestNodes.AwaitReplyAsync<DocumentWritten>(() => PutAsync("node-2", "other", "o"));
        return appointment;
    }

    private Task<DataReply> PutAsync(string node, string collection, string id) => nodes.AskAsync<DataReply>(
        node, new PutDocument("shop", collection, id, "{}"u8.ToArray(), null, WriteConcern.Primary));
}
