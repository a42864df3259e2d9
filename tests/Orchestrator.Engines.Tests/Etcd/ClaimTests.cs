using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.Etcd;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.Etcd;

/// <summary>Two orchestrators and one cluster; one orchestrator and endpoints of two clusters.</summary>
public sealed class ClaimTests
{
    [SkippableFact]
    public async Task While_one_orchestrator_works_a_second_one_is_refused_and_may_begin_afterwards()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(3);
        await etcd.Fragment(8);
        await using var one = new Orchestration(Orchestration.OptionsFor(etcd));
        await using var other = new Orchestration(Orchestration.OptionsFor(etcd));
        // It works until it is let go.
        await one.Hold();
        await one.Start("run-1");

        var refused = await Assert.ThrowsAsync<RefusedException>(() => other.Start("run-2"));

        Assert.Equal(FailureCode.Conflict, refused.Failure.Code);
        Assert.Contains("run run-1", refused.Failure.Message, StringComparison.Ordinal);
        await one.LetGo();
        Assert.Equal("completed", (await one.Follow("run-1")).Run.State);

        // The run's claim is given back just after its end is stored.
        await EtcdProcesses.Until(
            async () =>
            {
                try
                {
                    return (await other.Start("run-3")).Id == "run-3";
                }
                catch (RefusedException)
                {
                    return false;
                }
            },
            "the claim was never given back");
        Assert.StartsWith("completed", (await other.Follow("run-3")).Run.State, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_claim_of_an_orchestrator_that_died_expires_and_its_own_run_takes_it_over_at_once()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(1);
        var options = Orchestration.OptionsFor(etcd) with { LockTimeToLive = TimeSpan.FromSeconds(8) };
        await using var dead = new EtcdCluster(options, "dead", TimeProvider.System);
        await using var again = new EtcdCluster(options, "again", TimeProvider.System);
        await using var other = new EtcdCluster(options, "other", TimeProvider.System);
        Assert.Equal("", await dead.Claim("run-1", CancellationToken.None));

        Assert.Equal("", await again.Claim("run-1", CancellationToken.None));
        var error = await Assert.ThrowsAsync<EngineException>(() => other.Claim("run-2", CancellationToken.None));
        Assert.Equal(EngineFault.Claimed, error.Fault);
        Assert.Contains("run run-1 of again", error.Message, StringComparison.Ordinal);

        // Nobody renews it.
        await EtcdProcesses.Until(
            async () =>
            {
                try
                {
                    return await other.Claim("run-2", CancellationToken.None) is "";
                }
                catch (EngineException)
                {
                    return false;
                }
            },
            "the claim never expired");
    }

    [SkippableFact]
    public async Task A_claim_that_is_renewed_stays()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(1);
        var options = Orchestration.OptionsFor(etcd) with { LockTimeToLive = TimeSpan.FromSeconds(60) };
        await using var one = new EtcdCluster(options, "one", TimeProvider.System);
        await using var other = new EtcdCluster(options, "other", TimeProvider.System);
        await one.Claim("run-1", CancellationToken.None);
        var leases = await etcd.Post(etcd.Members[0], "v3/lease/leases", []);
        var lease = leases["leases"]![0]!["ID"]!.GetValue<string>();

        await EtcdProcesses.Until(async () => await SecondsLeft() < 59, "the claim does not age");
        await EtcdProcesses.Until(
            async () =>
            {
                await one.Renew(CancellationToken.None);
                return await SecondsLeft() >= 59;
            },
            "the claim was never renewed");
        await Assert.ThrowsAsync<EngineException>(() => other.Claim("run-2", CancellationToken.None));

        async Task<int> SecondsLeft()
        {
            var answer = await etcd.Post(etcd.Members[0], "v3/lease/timetolive", new JsonObject { ["ID"] = lease });
            return int.Parse(answer["TTL"]!.GetValue<string>(), CultureInfo.InvariantCulture);
        }
    }

    [SkippableFact]
    public async Task An_endpoint_of_another_cluster_is_refused()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(1);
        await using var stranger = await EtcdProcesses.Start(1, "--initial-cluster-token", "stranger");
        var options = Orchestration.OptionsFor(etcd) with { Endpoints = [.. etcd.Endpoints, .. stranger.Endpoints] };
        await using var orchestration = new Orchestration(options);

        var refused = await Assert.ThrowsAsync<RefusedException>(() => orchestration.Start("run-1", given => given with { Force = true }));

        Assert.Equal(FailureCode.Refused, refused.Failure.Code);
        Assert.Contains("must all be of one cluster", refused.Failure.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Endpoints_where_nobody_answers_are_named()
    {
        Installed.RequireEtcd();
        var etcd = await EtcdProcesses.Start(1);
        var options = Orchestration.OptionsFor(etcd);
        await etcd.DisposeAsync();
        await using var orchestration = new Orchestration(options);

        var refused = await Assert.ThrowsAsync<RefusedException>(() => orchestration.Start("run-1"));

        Assert.Equal(FailureCode.Unavailable, refused.Failure.Code);
        Assert.Contains(options.Endpoints[0].Authority, refused.Failure.Message, StringComparison.Ordinal);
    }
}
