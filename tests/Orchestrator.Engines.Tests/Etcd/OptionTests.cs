using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.Etcd;

/// <summary>What a request can ask for beside the plain run, on a real cluster.</summary>
public sealed class OptionTests
{
    [SkippableFact]
    public async Task History_is_dropped_before_the_members_are_defragmented()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(3);
        for (var i = 0; i < 12; i++)
        {
            await etcd.Put(etcd.Members[0], "same", new byte[512 << 10]);
        }

        // Only history is left: how many pages writing left free depends on how fast the machine was.
        foreach (var member in etcd.Members)
        {
            await etcd.Post(member, "v3/maintenance/defragment", []);
        }

        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd));
        var plain = await orchestration.Ask<PlanMade>(new MakePlan(Orchestration.Request(given => given with { MinReclaimableBytes = 4 << 20 })));
        var ended = await orchestration.Run("run-1", given => given with { EngineOptions = OptionValues.None.With("compactHistory", 2), MinReclaimableBytes = 4 << 20 });

        Assert.Empty(plain.Plan.Steps);
        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        foreach (var member in etcd.Members)
        {
            Assert.True((await etcd.Status(member)).DbSize < 3 << 20, $"{member.Name} kept its history");
        }

        Assert.Equal(
            (512 << 10) * 4 / 3,
            (await etcd.Post(etcd.Members[0], "v3/kv/range", new JsonObject { ["key"] = EtcdProcesses.Base64("same") }))["kvs"]![0]!["value"]!.GetValue<string>().Length,
            4.0);
    }

    [SkippableFact]
    public async Task What_the_engine_lacks_is_told_by_name()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(1);
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd));
        var node = (await orchestration.View()).Members.Single().Observation.Node;

        var verify = await Assert.ThrowsAsync<RefusedException>(() => orchestration.Ask<VerificationView>(new StartVerification(Orchestration.Cluster, node, "", "", "ann")));
        var cleanup = await Assert.ThrowsAsync<RefusedException>(() => orchestration.Ask<IndexesCleanedUp>(new RequestIndexCleanup(Orchestration.Cluster, node, "", "")));

        Assert.Equal("Invalid: etcd has no verification", verify.Message);
        Assert.Equal($"Invalid: {node}: etcd has no index cleanup", cleanup.Message);
    }

    [SkippableFact]
    public async Task A_cluster_that_is_out_of_space_is_compacted_and_its_alarm_cleared()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(3, "--quota-backend-bytes", (32 << 20).ToString(CultureInfo.InvariantCulture));
        await etcd.Fragment(8);
        await EtcdProcesses.Until(
            async () =>
            {
                try
                {
                    await etcd.Put(etcd.Members[0], "more", new byte[1 << 20]);
                    await etcd.Put(etcd.Members[0], "more", new byte[1 << 20]);
                    return false;
                }
                catch (HttpRequestException e)
                {
                    return e.Message.Contains("space exceeded", StringComparison.Ordinal);
                }
            },
            "the quota was never exceeded");
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd));

        var ended = await orchestration.Run("run-1", given => given with { EngineOptions = OptionValues.None.With("compactHistory", 1).With("disarmNoSpace", true) });

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.DoesNotContain(await Task.WhenAll(etcd.Members.Select(etcd.Status)), status => status.Errors.Count > 0);
        await etcd.Put(etcd.Members[0], "again", [1]);
    }

    [SkippableFact]
    public async Task Leadership_is_given_back_at_the_end_if_that_is_wanted()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(3);
        await etcd.Fragment(8);
        var leader = await etcd.AwaitLeader();
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd));

        var ended = await orchestration.Run("run-1", given => given with { GiveBackPrimary = true });

        Assert.Equal(["compact", "compact", "step-down", "compact", "step-down"], ended.Run.Steps.Select(step => step.Kind));
        Assert.Equal(leader.Name, ended.Run.Steps[4].NewPrimary);
        Assert.Equal(leader, await etcd.AwaitLeader());
    }

    [SkippableFact]
    public async Task A_single_member_is_compacted_only_if_that_is_forced()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(1);
        await etcd.Fragment(8);
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd));

        var plan = (await orchestration.Ask<PlanMade>(new MakePlan(Orchestration.Request()))).Plan;
        var ended = await orchestration.Run("run-1", given => given with { Force = true });

        Assert.Empty(plan.Steps);
        Assert.Contains("only member", Assert.Single(plan.ReplicaSets[0].Skipped).Reason, StringComparison.Ordinal);
        Assert.Equal("completed", ended.Run.State);
        Assert.True((await etcd.Status(etcd.Members[0])).DbSize < 4 << 20);
    }

    [SkippableFact]
    public async Task A_learner_is_no_target_of_leadership_and_is_left_out_with_the_reason()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(3);
        await etcd.Fragment(8);
        var learner = await etcd.Announce(isLearner: true);
        etcd.Begin(learner);
        await etcd.AwaitLeader();
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd));

        var plan = (await orchestration.Ask<PlanMade>(new MakePlan(Orchestration.Request(given => given with { IncludeLearners = true })))).Plan;
        var leader = await etcd.AwaitLeader();
        var refused = await Assert.ThrowsAsync<RefusedException>(() => orchestration.Ask<StepDownCompleted>(
            new RequestStepDown(Orchestration.Cluster, Orchestration.Cluster, leader.Name, learner.Name)));
        var ended = await orchestration.Run("run-1");

        Assert.Contains(plan.ReplicaSets[0].Skipped, skipped => skipped.Node == learner.Name && skipped.Reason.Contains("does not defragment learners", StringComparison.Ordinal));
        Assert.Contains("a learner", refused.Failure.Message, StringComparison.Ordinal);
        Assert.Equal("completed", ended.Run.State);
        Assert.DoesNotContain(ended.Run.Steps, step => step.Node == learner.Name || step.NewPrimary == learner.Name);
    }

    [SkippableFact]
    public async Task Members_that_use_little_of_their_quota_are_left_out_where_a_rule_says_so()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(3);
        await etcd.Fragment(8);
        var options = Orchestration.OptionsFor(etcd) with { MinQuotaUse = 0.6, QuotaBytes = 1 << 30 };
        await using var little = new Orchestration(options);
        await using var much = new Orchestration(options with { QuotaBytes = 10 << 20 });
        await using var unknown = new Orchestration(options with { QuotaBytes = 0 });

        Assert.All((await Plan(little)).ReplicaSets[0].Skipped.Where(skipped => skipped.Path == "*" && skipped.Reason.Contains('%', StringComparison.Ordinal)), skipped =>
            Assert.Contains("of its quota", skipped.Reason, StringComparison.Ordinal));
        Assert.Empty((await Plan(little)).Steps);
        Assert.Equal(4, (await Plan(much)).Steps.Count());
        Assert.Contains((await Plan(unknown)).ReplicaSets[0].Skipped, skipped => skipped.Reason.Contains("set clusters.kube.quota", StringComparison.Ordinal));

        static async Task<CompactionPlan> Plan(Orchestration orchestration) =>
            (await orchestration.Ask<PlanMade>(new MakePlan(Orchestration.Request()))).Plan;
    }

    [SkippableFact]
    public async Task A_step_down_by_hand_moves_leadership_only_from_the_expected_leader()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(3);
        var leader = await etcd.AwaitLeader();
        var follower = etcd.Members.First(member => member != leader);
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd));

        var refused = await Assert.ThrowsAsync<RefusedException>(() => orchestration.Ask<StepDownCompleted>(
            new RequestStepDown(Orchestration.Cluster, Orchestration.Cluster, follower.Name, "")));
        var moved = await orchestration.Ask<StepDownCompleted>(new RequestStepDown(Orchestration.Cluster, Orchestration.Cluster, leader.Name, follower.Name));

        Assert.Equal(FailureCode.Conflict, refused.Failure.Code);
        Assert.Equal((leader.Name, follower.Name), (moved.OldPrimary, moved.NewPrimary));
        Assert.Equal(follower, await etcd.AwaitLeader());
        Assert.Equal((follower.Name, moved.Term), ((await orchestration.View()).Primary, (await orchestration.View()).Term));
    }
}
