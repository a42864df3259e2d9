using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.Etcd;

/// <summary>Runs on a real cluster to which something happens meanwhile.</summary>
public sealed class FaultTests
{
    private const string Leader = "m1";

    [SkippableFact]
    public async Task A_member_that_is_killed_before_its_turn_is_waited_for()
    {
        Installed.RequireEtcd();
        await using var etcd = await Fragmented();
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd), policy => policy with { Settle = TimeSpan.FromSeconds(2) });
        var started = await orchestration.Start("run-1");
        var second = started.Plan.Steps.ElementAt(1).Node;
        await HoldAfterFirst(orchestration);
        etcd[second].Kill();
        await LetGoWhen(orchestration, view => IsAway(view, second));
        var waiting = await orchestration.Follow("run-1", happened => happened is CheckEvaluated { Result: { Check: "members-healthy", Passed: false } });
        Assert.Null(waiting.Run.FinishedAt);
        etcd[second].Start();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal("completed", ended.Run.State);
        Assert.True((await etcd.Status(etcd[second])).DbSize < 5 << 20);
    }

    [SkippableFact]
    public async Task A_member_that_is_killed_while_it_defragments_is_defragmented_again()
    {
        Installed.RequireEtcd();
        await using var etcd = await Fragmented(megabytes: 96, keep: 0.45);
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd));
        var started = await orchestration.Start("run-1");
        var first = started.Plan.Steps.First().Node;
        using var http = new HttpClient();

        await EtcdProcesses.Until(
            async () => (await http.GetStringAsync(new Uri(etcd[first].ClientUrl, "metrics"))).Contains("etcd_disk_defrag_inflight 1", StringComparison.Ordinal),
            $"{first} never defragmented");
        etcd[first].Kill();
        etcd[first].Start();
        var failed = await orchestration.Follow("run-1", happened => happened is StepRetried);
        Assert.Contains(failed.Events, recorded => recorded.Event is StepRetried { Step: 1, Reason: var reason } && reason.Contains("judged not done", StringComparison.Ordinal));
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed", 2), (ended.Run.State, ended.Run.Steps[0].Attempt));
        Assert.True(ended.Run.Steps[0].BytesAfter < ended.Run.Steps[0].BytesBefore);
    }

    [SkippableFact]
    public async Task A_member_that_is_killed_after_its_turn_is_waited_for_before_the_next_one()
    {
        Installed.RequireEtcd();
        await using var etcd = await Fragmented();
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd), policy => policy with { Settle = TimeSpan.FromSeconds(2) });
        var started = await orchestration.Start("run-1");
        var first = started.Plan.Steps.First().Node;

        await HoldAfterFirst(orchestration);
        etcd[first].Kill();
        await LetGoWhen(orchestration, view => IsAway(view, first));
        var waiting = await orchestration.Follow("run-1", happened => happened is CheckEvaluated { Step: 2, Result: { Check: "members-healthy", Passed: false } });
        Assert.DoesNotContain(waiting.Events, recorded => recorded.Event is StepStarted { Step: 2 });
        etcd[first].Start();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal("completed", ended.Run.State);
    }

    [SkippableFact]
    public async Task A_member_that_does_not_come_back_stops_the_run_before_the_leader_is_touched()
    {
        Installed.RequireEtcd();
        await using var etcd = await Fragmented();
        await using var orchestration = new Orchestration(
            Orchestration.OptionsFor(etcd),
            policy => policy with { Settle = TimeSpan.FromSeconds(2), UnreachableGrace = TimeSpan.FromSeconds(2) });
        var started = await orchestration.Start("run-1");
        var first = started.Plan.Steps.First().Node;
        var before = (await etcd.Status(etcd[Leader])).DbSize;

        await HoldAfterFirst(orchestration);
        etcd[first].Kill();
        await LetGoWhen(orchestration, view => IsAway(view, first));
        var ended = await orchestration.Follow("run-1");

        Assert.Equal("failed", ended.Run.State);
        Assert.Contains(first, ended.Run.Reason, StringComparison.Ordinal);
        var leader = await etcd.Status(etcd[Leader]);
        Assert.True(leader.IsLeader);
        Assert.Equal(before, leader.DbSize);
    }

    [SkippableFact]
    public async Task A_member_that_hangs_is_seen_as_unreachable_and_waited_for()
    {
        Installed.RequireEtcd();
        await using var etcd = await Fragmented();
        var options = Orchestration.OptionsFor(etcd) with { RequestTimeout = TimeSpan.FromSeconds(2) };
        await using var orchestration = new Orchestration(options, policy => policy with { Settle = TimeSpan.FromSeconds(2) });
        var started = await orchestration.Start("run-1");
        var second = started.Plan.Steps.ElementAt(1).Node;

        await HoldAfterFirst(orchestration);
        etcd[second].Freeze();
        await LetGoWhen(orchestration, view => IsAway(view, second));
        var waiting = await orchestration.Follow("run-1", happened => happened is CheckEvaluated { Result: { Check: "members-healthy", Passed: false } });
        Assert.Contains("did not answer within 2 s", waiting.Run.Reason + string.Concat(waiting.Events.Select(recorded => recorded.Event.ToString())), StringComparison.Ordinal);
        etcd[second].Thaw();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal("completed", ended.Run.State);
    }

    [SkippableFact]
    public async Task Leadership_that_somebody_else_moves_in_mid_run_is_followed()
    {
        Installed.RequireEtcd();
        await using var etcd = await Fragmented();
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd), policy => policy with { Settle = TimeSpan.FromSeconds(2) });
        var started = await orchestration.Start("run-1");
        var second = started.Plan.Steps.ElementAt(1).Node;

        await HoldAfterFirst(orchestration);
        await etcd.MoveLeaderTo(etcd[second]);
        await LetGoWhen(orchestration, view => view.Primary == second);
        var ended = await orchestration.Follow("run-1");

        Assert.StartsWith("completed", ended.Run.State, StringComparison.Ordinal);
        foreach (var member in etcd.Members)
        {
            Assert.True((await etcd.Status(member)).DbSize < 5 << 20, $"{member.Name} was not defragmented");
        }

        // Whoever was defragmented was not the leader at that moment.
        Assert.All(ended.Events.Select(recorded => recorded.Event).OfType<PrimarySteppedDown>(), moved => Assert.NotEqual(moved.OldPrimary, moved.NewPrimary));
        Assert.Contains(ended.Events, recorded => recorded.Event is PrimarySteppedDown { OldPrimary: var old } && old == second);
    }

    [SkippableFact]
    public async Task A_member_that_is_added_during_the_run_is_left_out_of_it_and_counts_in_its_checks()
    {
        Installed.RequireEtcd();
        await using var etcd = await Fragmented();
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd), policy => policy with { Settle = TimeSpan.FromSeconds(2) });
        await orchestration.Start("run-1");

        await HoldAfterFirst(orchestration);
        var added = await etcd.Add();
        await LetGoWhen(orchestration, view => view.Members.Any(member => member.Observation.Node == added.Name));
        var ended = await orchestration.Follow("run-1");

        Assert.Equal("completed", ended.Run.State);
        Assert.DoesNotContain(ended.Run.Steps, step => step.Node == added.Name);
        Assert.Contains((await orchestration.View()).Members, member => member.Observation.Node == added.Name);
    }

    [SkippableFact]
    public async Task A_client_that_writes_all_the_time_has_no_write_that_a_retry_does_not_mend()
    {
        Installed.RequireEtcd();
        await using var etcd = await Fragmented(megabytes: 48, keep: 0.3);
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd));
        using var stopping = new CancellationTokenSource();
        var writer = Task.Run(() => WriteUntil(etcd, stopping.Token));

        var ended = await orchestration.Run("run-1");
        await stopping.CancelAsync();
        var written = await writer;

        Assert.Equal("completed", ended.Run.State);
        Assert.True(written > 5, $"only {written} writes in the whole run");
        var count = await etcd.Post(etcd[Leader], "v3/kv/range", new JsonObject
        {
            ["key"] = EtcdProcesses.Base64("write/"),
            ["range_end"] = EtcdProcesses.Base64("write0"),
            ["count_only"] = true,
        });
        Assert.Equal(written, int.Parse(count["count"]!.GetValue<string>(), CultureInfo.InvariantCulture));
    }

    /// <summary>Writes key after key, each until a member confirms it, at most at every member three times.</summary>
    private static async Task<int> WriteUntil(EtcdProcesses etcd, CancellationToken stopping)
    {
        var written = 0;
        while (!stopping.IsCancellationRequested)
        {
            for (var attempt = 0; ; attempt++)
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
                try
                {
                    await etcd.Put(etcd.Members[attempt % 3], $"write/{written:D6}", [7], patience.Token);
                    break;
                }
                catch (Exception e) when (attempt < 60 && e is HttpRequestException or OperationCanceledException)
                {
                    // The next member may confirm it; writing the same twice does no harm.
                }
            }

            written++;
        }

        return written;
    }

    /// <summary>Follows the run to the end of its first step. Until <see cref="LetGoWhen"/> no other one begins.</summary>
    private static async Task HoldAfterFirst(Orchestration orchestration)
    {
        await orchestration.Follow("run-1", happened => happened is StepStarted { Step: 1 });
        await orchestration.Hold();
        await orchestration.Follow("run-1", happened => happened is MemberCompacted { Step: 1 });
    }

    /// <summary>Waits until the supervisor has seen what happened to the cluster, and lets the run go on.</summary>
    private static async Task LetGoWhen(Orchestration orchestration, Predicate<ReplicaSetView> isSeen)
    {
        await Wait.Until(async () => isSeen(await orchestration.View()));
        await orchestration.LetGo();
    }

    private static bool IsAway(ReplicaSetView view, string node) =>
        view.Members.Single(member => member.Observation.Node == node).Observation.State == NodeState.Unreachable;

    private static async Task<EtcdProcesses> Fragmented(int megabytes = 8, double keep = 0.1)
    {
        var etcd = await EtcdProcesses.Start(3);
        await etcd.Fragment(megabytes, keep);
        await etcd.MoveLeaderTo(etcd[Leader]);
        return etcd;
    }
}
