using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Actors.Tests.Supervisor;

public sealed class SupervisorTests : SupervisorFixture
{
    [Fact]
    public async Task The_first_configured_member_becomes_the_first_primary()
    {
        Begin(3);

        var set = await AwaitPrimaryAsync();

        Assert.Equal("node-1", set.Primary);
        Assert.Equal(1, set.Term);
        Assert.IsType<DocumentWritten>(await Nodes.PutAsync("node-1", "a", "{}"));
        Assert.All(set.Members, member => Assert.NotEmpty(member.History));
    }

    [Fact]
    public async Task A_planned_step_down_moves_the_primary_and_is_refused_for_a_wrong_one()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await Nodes.PutAsync("node-1", "a", "{}");

        Assert.Equal(FailureCode.Conflict, (await AskAsync<RequestFailed>(new RequestStepDown("test", "rs", "node-2", ""))).Code);
        Assert.Equal(FailureCode.NotFound, (await AskAsync<RequestFailed>(new RequestStepDown("test", "nope", "node-1", ""))).Code);
        var completed = await AskAsync<StepDownCompleted>(new RequestStepDown("test", "rs", "node-1", "node-3"));

        Assert.Equal(("node-1", "node-3", 2), (completed.OldPrimary, completed.NewPrimary, completed.Term));
        Assert.Equal("node-3", (await AwaitPrimaryAsync()).Primary);
        Assert.IsType<DocumentWritten>(await Nodes.PutAsync("node-3", "b", "{}"));
    }

    [Fact]
    public async Task A_dead_primary_is_followed_by_a_member_that_has_everything_acknowledged()
    {
        NoticeAbsenceSoon();
        Begin(3);
        await AwaitPrimaryAsync();
        for (var i = 0; i < 10; i++)
        {
            Assert.IsType<DocumentWritten>(await Nodes.PutAsync("node-1", $"d{i}", "{}"));
        }

        await Nodes.StopAsync("node-1");
        var set = await AwaitSetAsync(set => set.Primary != "node-1" && set.Members.Count(member =>
            member.Observation.State == NodeState.Online && member.Observation.Term == set.Term) == 2);

        await Nodes.AwaitServingAsync(set.Primary);
        Assert.Equal(NodeState.Unreachable, set.Members[0].Observation.State);
        for (var i = 0; i < 10; i++)
        {
            Assert.IsType<DocumentFound>(await Nodes.GetAsync(set.Primary, $"d{i}"));
        }

        Nodes.Start("node-1");
        await AwaitSetAsync(set => set.Members.All(member => member.Observation.State == NodeState.Online));
    }

    [Fact]
    public async Task A_new_reign_has_a_higher_epoch_and_keeps_the_primary()
    {
        Begin(3);
        var before = await AwaitPrimaryAsync();
        await StopSupervisorAsync();
        Assert.IsType<DocumentWritten>(await Nodes.PutAsync("node-1", "a", "{}"));

        StartSupervisor();
        var after = await AwaitPrimaryAsync();

        Assert.Equal(2, (await AskAsync<ClusterView>(new GetCluster("test"))).Epoch);
        Assert.Equal((before.Primary, before.Term), (after.Primary, after.Term));
        Assert.Equal(RefusalCode.StaleEpoch, (await Nodes.AskAsync<CommandRefused>("node-1", new ObserveNode(1))).Code);
    }

    [Fact]
    public async Task A_cluster_whose_appointments_fail_begins_a_new_reign_from_the_journal()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await AskAsync<StepDownCompleted>(new RequestStepDown("test", "rs", "node-1", "node-2"));

        await KillAppointmentsAsync();
        await AwaitAnswerAsync<ClusterView>(new GetCluster("test"));

        var set = await AwaitPrimaryAsync();
        Assert.Equal(2, await EpochAsync());
        Assert.Equal(("node-2", 2), (set.Primary, set.Term));
    }

    [Fact]
    public async Task A_supervisor_whose_journal_is_behind_the_members_epoch_says_so()
    {
        Nodes = new TestNodes(Sys, 3);
        while (await Nodes.AskAsync<object>("node-2", new ObserveNode(7)) is not NodeObservation)
        {
            await Poll.PauseAsync();
        }

        StartSupervisor();
        var view = await AwaitClusterAsync(cluster => cluster.Trouble.Length > 0);

        Assert.Contains("node-2 obeys a supervisor with epoch 7, but this one has epoch 1", view.Trouble, StringComparison.Ordinal);
        Assert.Contains("orchestrator.journal", view.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_journal_goes_on_above_the_members_epoch_when_it_is_adopted_and_the_other_supervisor_is_gone()
    {
        Nodes = new TestNodes(Sys, 3);
        foreach (var node in Nodes.Names)
        {
            while (await Nodes.AskAsync<object>(node, new ObserveNode(7)) is not NodeObservation)
            {
                await Poll.PauseAsync();
            }
        }

        StartSupervisor();
        await AwaitClusterAsync(cluster => cluster.Trouble.Length > 0);
        var refused = await AskAsync<RequestFailed>(new AdoptJournal("ann", "disk lost"));
        Assert.Equal(FailureCode.Conflict, refused.Code);
        Assert.Contains("must share one journal", refused.Message, StringComparison.Ordinal);

        foreach (var node in Nodes.Names)
        {
            await Nodes.StopAsync(node);
            Nodes.Start(node);
        }

        await AwaitClusterAsync(cluster => cluster.Trouble.Contains("orchestrator journal adopt", StringComparison.Ordinal));
        var adopted = await AskAsync<JournalAdopted>(new AdoptJournal("ann", "disk lost"));

        Assert.Equal((7, 8), (adopted.FormerEpoch, adopted.Epoch));
        Assert.Equal(["test"], adopted.Clusters);
        Assert.Contains(adopted.Lost, lost => lost.Contains("audit trail", StringComparison.Ordinal));
        await AwaitPrimaryAsync();
        Assert.Equal("", (await AskAsync<ClusterView>(new GetCluster("test"))).Trouble);
        Assert.Equal(FailureCode.Conflict, (await AskAsync<RequestFailed>(new AdoptJournal("ann", ""))).Code);
    }

    [Fact]
    public async Task The_storage_report_names_every_unit_and_the_nodes_that_are_missing()
    {
        NoticeAbsenceSoon();
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 100);
        await Nodes.StopAsync("node-3");
        await AwaitSetAsync(set => set.Members[2].Observation.State == NodeState.Unreachable);

        var report = await AskAsync<StorageReport>(new GetStorageReport("test"));

        Assert.Equal(["node-1", "node-2"], report.Nodes.Select(node => node.Node));
        Assert.Equal(["node-3"], report.Missing);
        Assert.All(report.Nodes, node =>
            Assert.Equal(["shop/orders", "shop/orders#by-n"], node.Units.Select(unit => unit.Size.Unit.Path)));
    }

    [Fact]
    public async Task What_does_not_exist_is_named()
    {
        Begin(1);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 10);

        Assert.Contains("'nope'", (await AskAsync<RequestFailed>(new GetCluster("nope"))).Message, StringComparison.Ordinal);
        Assert.Contains("'nope'", (await AskAsync<RequestFailed>(new GetRun("nope"))).Message, StringComparison.Ordinal);
        var unknown = await AskAsync<RequestFailed>(new MakePlan(Everything with
        {
            Scope = CompactionScope.Everything with { Databases = ["nope"] },
        }));
        Assert.Equal(FailureCode.NotFound, unknown.Code);
        Assert.Contains("nope", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(
            "there is no maintenance window 'nope'; none is configured",
            (await AskAsync<RequestFailed>(new MakePlan(Everything) { Window = "nope" })).Message);
    }

    [Fact]
    public async Task A_plan_puts_the_secondaries_first_then_the_step_down_then_the_old_primary()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 500);

        var plan = (await AskAsync<PlanMade>(new MakePlan(Everything))).Plan;

        Assert.Equal(
            ["CompactMemberStep", "CompactMemberStep", "StepDownStep", "CompactMemberStep"],
            plan.Steps.Select(step => step.GetType().Name));
        Assert.Equal("node-1", plan.Steps.Last().Node);
        Assert.Empty((await AskAsync<RunPage>(new ListRuns())).Runs);
    }
}
