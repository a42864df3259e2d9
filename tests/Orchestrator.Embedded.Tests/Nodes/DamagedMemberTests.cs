using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Embedded.Tests.Nodes;

/// <summary>The files in which a member keeps what it must not forget, damaged.</summary>
public sealed class DamagedMemberTests : PatientTestKit
{
    private readonly TestNodes nodes;

    public DamagedMemberTests() => nodes = new TestNodes(Sys, 3);

    [Fact]
    public async Task A_member_that_does_not_know_its_promises_takes_no_part_until_it_is_rebuilt()
    {
        var appointment = await BeginAsync();
        await nodes.StopAsync("node-3");
        File.WriteAllText(FileOf("member.json"), "{ torn");
        nodes.Start("node-3");
        var failed = await nodes.ObserveUntilAsync("node-3", seen => seen.State == NodeState.Failed);
        Assert.Contains("what this member has promised", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("orchestrator resync --node node-3 --all", failed.Reason, StringComparison.Ordinal);
        Assert.IsType<CommandRefused>(await nodes.AskAsync<object>("node-3", new PromiseTerm(1, "rs", 2)));
        Assert.IsType<CommandRefused>(await nodes.AskAsync<object>("node-3", new ResyncCollection(1, "shop", "orders")));
        Assert.Equal("{ torn", File.ReadAllText(FileOf("member.json")));

        Assert.IsType<ResyncBegun>(await nodes.AskAsync<object>("node-3", new ResyncCollection(1, "", "")));
        await nodes.ObserveUntilAsync("node-3", seen => seen.State == NodeState.Recovering);
        Assert.Equal("{ torn", File.ReadAllText(FileOf("member.json.damaged-1")));
        var refused = await nodes.AskAsync<object>("node-3", new PromiseTerm(1, "rs", 2));
        Assert.Equal(RefusalCode.WrongState, Assert.IsType<CommandRefused>(refused).Code);

        await TestNodes.UntilFollowedAsync(() => nodes.AskAsync<object>("node-3", new FollowAppointment(1, "rs", appointment)));
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        await nodes.PromiseAsync("node-3", 2, 1);
    }

    [Theory]
    [InlineData("compactions.json")]
    [InlineData("confirmed.json")]
    public async Task A_member_goes_on_without_what_it_can_do_without(string file)
    {
        await BeginAsync();
        await nodes.StopAsync("node-3");
        File.WriteAllText(FileOf(file), "{ torn");
        nodes.Start("node-3");

        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        Assert.Equal("{ torn", File.ReadAllText(FileOf(file + ".damaged-1")));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        nodes.Dispose();
    }

    private string FileOf(string name) => Path.Combine(nodes.DirectoryOf("node-3"), name);

    private async Task<Appointment> BeginAsync()
    {
        var appointment = await nodes.AppointAsync("node-1", 1, 1);
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "a", "{}"));
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        return appointment;
    }
}
