using System.Text.Json.Nodes;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.Etcd;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.Etcd;

/// <summary>Users, passwords, tokens and certificates, on a real cluster.</summary>
public sealed class AccessTests
{
    private const string Password = "correct-horse";

    [SkippableFact]
    public async Task A_cluster_with_users_is_compacted_with_user_and_password()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(3);
        await etcd.Fragment(8);
        await etcd.EnableAuthentication(Password);
        var options = Orchestration.OptionsFor(etcd) with { User = "root", Password = Password };
        await using var orchestration = new Orchestration(options);
        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
    }

    [SkippableFact]
    public async Task A_token_that_has_expired_is_renewed()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(1, "--auth-token-ttl", "1");
        await etcd.EnableAuthentication(Password);
        var options = Orchestration.OptionsFor(etcd) with { User = "root", Password = Password };
        await using var cluster = new EtcdCluster(options, "test", TimeProvider.System);
        await cluster.Discover(CancellationToken.None);
        Assert.Equal("", await cluster.Claim("run-1", CancellationToken.None));

        // A token lives for a second beyond its last use; this one, got at the same time, shows that it does.
        var answer = await etcd.Post(etcd.Members[0], "v3/auth/authenticate", new JsonObject { ["name"] = "root", ["password"] = Password });
        etcd.Token = answer["token"]!.GetValue<string>();
        var refusal = "";
        await EtcdProcesses.Until(
            async () =>
            {
                await Task.Delay(2500);
                try
                {
                    await etcd.Put(etcd.Members[0], "key", [1]);
                }
                catch (HttpRequestException e)
                {
                    refusal = e.Message;
                }

                return refusal.Contains("invalid auth token", StringComparison.Ordinal);
            },
            "the token never expired");

        await cluster.Release("run-1", CancellationToken.None);
        Assert.Equal("", await cluster.Claim("run-2", CancellationToken.None));
    }

    [SkippableFact]
    public async Task A_token_that_is_no_longer_accepted_is_renewed_once()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(1, "--auth-token-ttl", "1");
        await etcd.EnableAuthentication(Password);
        var options = Orchestration.OptionsFor(etcd) with { User = "root", Password = Password };
        await using var cluster = new EtcdCluster(options, "test", TimeProvider.System);
        await cluster.Discover(CancellationToken.None);
        Assert.Equal("", await cluster.Claim("run-1", CancellationToken.None));
        await cluster.Release("run-1", CancellationToken.None);

        // Simple tokens live in the members' memory: a restart forgets them, as the end of their time does.
        etcd.Members[0].Kill();
        etcd.Members[0].Start();
        await etcd.AwaitLeader();

        Assert.Equal("", await cluster.Claim("run-2", CancellationToken.None));
    }

    [SkippableFact]
    public async Task A_wrong_password_is_told_and_changes_nothing()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(1);
        await etcd.EnableAuthentication(Password);
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd) with { User = "root", Password = "wrong-secret" });

        var refused = await Assert.ThrowsAsync<RefusedException>(() => orchestration.Start("run-1"));

        Assert.Contains("authentication failed", refused.Failure.Message, StringComparison.Ordinal);
        Assert.Contains(etcd.Members[0].ClientUrl.Authority, refused.Failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-secret", refused.Failure.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Without_a_user_a_cluster_that_wants_one_says_so()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(3);
        await etcd.Fragment(8);
        await etcd.EnableAuthentication(Password);
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd));

        var refused = await Assert.ThrowsAsync<RefusedException>(() => orchestration.Start("run-1"));

        Assert.Equal(FailureCode.Refused, refused.Failure.Code);
        Assert.Contains("clusters.kube.auth.user", refused.Failure.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_user_that_may_not_write_the_lock_s_key_is_told_which_right_is_missing()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(3);
        await etcd.Fragment(8);
        await etcd.EnableAuthentication(Password);
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd) with { User = "plain", Password = Password });

        var refused = await Assert.ThrowsAsync<RefusedException>(() => orchestration.Start("run-1"));

        Assert.Contains("has no permission to write the key 'orchestrator/compaction-lock'", refused.Failure.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_cluster_with_client_certificates_is_compacted_over_TLS()
    {
        Installed.RequireEtcd();
        using var certificates = new Certificates();
        await using var etcd = await StartSecured(certificates);
        await etcd.Fragment(8);
        await using var orchestration = new Orchestration(Secured(etcd, certificates, certificates.Authority));

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
    }

    [SkippableFact]
    public async Task A_wrong_authority_is_told_and_nothing_is_sent()
    {
        Installed.RequireEtcd();
        using var certificates = new Certificates();
        using var others = new Certificates();
        await using var etcd = await StartSecured(certificates);
        await using var cluster = new EtcdCluster(Secured(etcd, certificates, others.Authority), "test", TimeProvider.System);

        var error = await Assert.ThrowsAsync<EngineException>(() => cluster.Discover(CancellationToken.None));

        Assert.Contains("tls.ca", error.Message, StringComparison.Ordinal);
    }

    private static EtcdClusterOptions Secured(EtcdProcesses etcd, Certificates certificates, string authority) => Orchestration.OptionsFor(etcd) with
    {
        Tls = new TlsFiles(authority, certificates.Certificate("client"), certificates.Key("client")),
    };

    private static Task<EtcdProcesses> StartSecured(Certificates certificates) => EtcdProcesses.Start(
        3,
        "https",
        [
            "--cert-file", certificates.Certificate("server"), "--key-file", certificates.Key("server"),
            "--trusted-ca-file", certificates.Authority, "--client-cert-auth",
        ],
        certificates.CreateClient());
}
