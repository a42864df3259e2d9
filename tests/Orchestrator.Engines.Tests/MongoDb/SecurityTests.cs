using System.Security.Cryptography.X509Certificates;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.MongoDb;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.MongoDouble;

namespace Orchestrator.Engines.Tests.MongoDb;

/// <summary>How the driver proves who it is, and whom it believes.</summary>
public sealed class SecurityTests : IDisposable
{
    private readonly Certificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("?authMechanism=SCRAM-SHA-1")]
    [InlineData("?authMechanism=SCRAM-SHA-256")]
    public async Task A_user_of_the_connection_string_is_logged_in(string option)
    {
        await using var set = MongoDoubles.ThreeMembers();
        set.Users["op"] = new DoubleUser("op", "p@ss");

        Assert.Equal(NodeState.Online, await Observe(set, options => options with { Uri = $"mongodb://op:p%40ss@{set.Members[1].Address}/{option}" }));
    }

    [Fact]
    public async Task A_user_of_the_settings_is_logged_in_and_needs_no_more_than_the_documented_rights()
    {
        await using var set = MongoDoubles.ThreeMembers("8.0.4");
        set.Users["op"] = new DoubleUser("op", "secret", new HashSet<string>
        {
            "compact", "listCollections", "collStats", "killop", "replSetStateChange", "find", "insert", "update", "remove",

            // clusterMonitor
            "replSetGetStatus", "replSetGetConfig", "serverStatus", "listDatabases", "inprog", "dbStats", "getParameter", "connPoolStats",
        });
        await using var orchestration = MongoDoubles.Orchestrate(set, options => options with { User = "op", Password = "secret" });

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
    }

    [Theory]
    [InlineData("2.6.12")]
    [InlineData("8.0.4")]
    public async Task Missing_rights_are_told_before_a_run_finds_out(string version)
    {
        await using var set = MongoDoubles.ThreeMembers(version);
        set.Users["all"] = new DoubleUser("all", "secret");
        set.Users["some"] = new DoubleUser("some", "secret", new HashSet<string>
        {
            "listCollections", "collStats", "dbStats", "replSetStateChange", "replSetGetStatus", "replSetGetConfig", "serverStatus", "listDatabases", "inprog", "find", "update",
        });
        await using var all = MongoDoubles.Open(set, options => options with { User = "all", Password = "secret" });
        await using var some = MongoDoubles.Open(set, options => options with { User = "some", Password = "secret" });

        Assert.Empty((await all.CheckAccess(CancellationToken.None))!);
        var gaps = await some.CheckAccess(CancellationToken.None);
        Assert.Equal(
            ["the cluster: killop", "database shop: compact", "collection orchestrator.claims: insert remove"],
            gaps!.Where(gap => gap.Member == set.Members[0].Name).Select(gap => $"{gap.Resource}: {string.Join(' ', gap.Actions)}"));
        Assert.Equal(9, gaps!.Count);
    }

    [Fact]
    public async Task Nobody_who_logs_in_is_a_gap_only_where_users_are_wanted()
    {
        await using var open = MongoDoubles.ThreeMembers();
        await using var alone = MongoDoubles.Fill(new DoubleReplicaSet("", "7.0.14", new DoubleMemberOptions()));
        alone.Users["all"] = new DoubleUser("all", "secret");
        await using var first = MongoDoubles.Open(open);
        await using var second = MongoDoubles.Open(alone);

        Assert.Empty((await first.CheckAccess(CancellationToken.None))!);
        Assert.Equal(["a user that logs in"], Assert.Single((await second.CheckAccess(CancellationToken.None))!).Actions);
    }

    [Fact]
    public async Task Servers_with_TLS_are_believed_by_the_configured_authority()
    {
        await using var set = Secured();

        Assert.Equal(NodeState.Online, await Observe(set, options => options with { UsesTls = true, Tls = new TlsFiles(_certificates.Authority, "", "") }));
        var error = await Assert.ThrowsAsync<EngineException>(() => Observe(set, options => options with { UsesTls = true, Tls = new TlsFiles("", "", "") }));
        Assert.Equal(EngineFault.Denied, error.Fault);
        Assert.Contains("tls.ca", error.Message);
    }

    [Fact]
    public async Task A_client_certificate_can_be_the_user()
    {
        await using var set = Secured();
        set.WantsClientCertificate = true;
        set.Users["CN=client"] = new DoubleUser("CN=client", "");

        Assert.Equal(NodeState.Online, await Observe(set, options => options with
        {
            UsesTls = true,
            Tls = new TlsFiles(_certificates.Authority, _certificates.Certificate("client"), _certificates.Key("client")),
            UsesCertificate = true,
        }));
    }

    private DoubleReplicaSet Secured()
    {
        var set = MongoDoubles.ThreeMembers();
        set.Certificate = X509Certificate2.CreateFromPemFile(_certificates.Certificate("server"), _certificates.Key("server"));
        return set;
    }

    private static async Task<NodeState> Observe(DoubleReplicaSet set, Func<MongoDbClusterOptions, MongoDbClusterOptions> adjust)
    {
        await using var cluster = MongoDoubles.Open(set, adjust);
        await cluster.Discover(CancellationToken.None);
        return (await cluster.Member(set.Members[1].Name).Observe(CancellationToken.None)).State;
    }
}
