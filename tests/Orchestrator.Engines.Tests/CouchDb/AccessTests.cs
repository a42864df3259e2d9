using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.CouchDouble;
using Orchestrator.Engines.CouchDb;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.CouchDb;

/// <summary>Who is reached, and who is not.</summary>
public sealed class AccessTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_wrong_password_is_tried_once_by_the_whole_cluster(bool usesSessions)
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        couch.Administrators["admin"] = "right";
        await using var cluster = CouchDoubles.Open(couch, options => options with { User = "admin", Password = "wrong", UsesSessions = usesSessions });

        var errors = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Assert.ThrowsAsync<EngineException>(() => cluster.Discover(CancellationToken.None))));

        Assert.All(errors, error => Assert.Equal(EngineFault.Denied, error.Fault));
        Assert.Contains("start the orchestrator again", errors[0].Message, StringComparison.Ordinal);
        Assert.Equal(1, couch.WrongPasswords["admin"]);
        Assert.Single(couch.Nodes.SelectMany(node => node.Requests));
    }

    [Fact]
    public async Task A_session_takes_the_place_of_the_password_and_is_begun_again_when_it_has_ended()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        couch.Administrators["admin"] = "a\"secret\\ü";
        couch.WantsSessions = true;
        await using var cluster = CouchDoubles.Open(couch, options => options with { User = "admin", Password = "a\"secret\\ü", UsesSessions = true });

        await cluster.Discover(CancellationToken.None);
        await cluster.Discover(CancellationToken.None);
        Assert.All(couch.Nodes, node => Assert.Equal(1, Logins(node)));
        couch.Secret++;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => cluster.Discover(CancellationToken.None)));

        Assert.All(couch.Nodes, node => Assert.Equal(2, Logins(node)));
        Assert.Empty(couch.WrongPasswords);
    }

    [Fact]
    public async Task A_password_that_was_changed_meanwhile_is_tried_once_when_the_sessions_end()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        couch.Administrators["admin"] = "old";
        await using var cluster = CouchDoubles.Open(couch, options => options with { User = "admin", Password = "old", UsesSessions = true });
        await cluster.Discover(CancellationToken.None);

        couch.Administrators["admin"] = "new";
        couch.Secret++;
        var errors = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Assert.ThrowsAsync<EngineException>(() => cluster.Discover(CancellationToken.None))));

        Assert.All(errors, error => Assert.Equal(EngineFault.Denied, error.Fault));
        Assert.Equal(1, couch.WrongPasswords["admin"]);
    }

    [Fact]
    public async Task A_second_orchestrator_is_kept_away_until_the_run_gives_its_claim_back()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        await using var first = CouchDoubles.Open(couch);
        await using var second = CouchDoubles.Open(couch, process: "other");

        Assert.Equal("", await first.Claim("run-1", CancellationToken.None));
        var error = await Assert.ThrowsAsync<EngineException>(() => second.Claim("run-2", CancellationToken.None));
        Assert.Equal("", await second.Claim("run-1", CancellationToken.None));
        await second.Release("run-1", CancellationToken.None);
        Assert.Equal("", await second.Claim("run-2", CancellationToken.None));

        Assert.Equal(EngineFault.Claimed, error.Fault);
        Assert.Contains("run-1 of test", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Twenty_thousand_databases_are_listed_in_pages_and_only_large_ones_are_looked_at()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        for (var i = 0; i < 20_000; i++)
        {
            couch.Create($"user-{i:00000}", q: 1);
        }

        await using var cluster = CouchDoubles.Open(couch);

        var topology = await cluster.Discover(CancellationToken.None);

        Assert.Equal(["_users@00000000-ffffffff", "shop@00000000-ffffffff"], topology.ReplicaSets.Select(set => set.Name));
        var requests = couch.Nodes.SelectMany(node => node.Requests).ToList();
        Assert.Equal(21, requests.Count(request => request.Contains("/_all_dbs", StringComparison.Ordinal)));
        Assert.InRange(requests.Count, 222, 260);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_proxy_s_path_stands_before_everything_that_is_asked(bool usesSessions)
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        couch.Administrators["admin"] = "right";
        couch.WantsSessions = usesSessions;
        couch.Prefix = "/db/couch";
        await using var orchestration = CouchDoubles.Orchestrate(couch, options => options with { User = "admin", Password = "right", UsesSessions = usesSessions });

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(couch.Nodes, node => Assert.Equal(1, node.Copy(couch.Databases["shop"]).Orders));
        Assert.All(couch.Nodes.SelectMany(node => node.Requests), request => Assert.StartsWith("/db/couch/", request.Split(' ')[1], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_certificate_is_shown_where_the_settings_have_one()
    {
        using var certificates = new Certificates();
        using var client = X509CertificateLoader.LoadCertificateFromFile(certificates.Certificate("client"));
        using var server = certificates.Load("server");
        await using var couch = await CouchDoubles.ThreeNodes();
        await Task.WhenAll(couch.Nodes.Select(node => node.Kill()));
        (couch.Certificate, couch.ClientThumbprint) = (server, client.Thumbprint);
        await Task.WhenAll(couch.Nodes.Select(node => node.Start()));
        var tls = new TlsFiles(certificates.Authority, certificates.Certificate("client"), certificates.Key("client"));
        await using var with = CouchDoubles.Open(couch, options => options with { Tls = tls });
        await using var without = CouchDoubles.Open(couch, options => options with { Tls = tls with { Certificate = "", Key = "" } });

        var topology = await with.Discover(CancellationToken.None);
        var error = await Assert.ThrowsAsync<EngineException>(() => without.Discover(CancellationToken.None));

        Assert.Equal(couch.Nodes.Select(node => node.Address.ToString().TrimEnd('/')), couch.Nodes.Select(node => topology.Addresses[node.Name]));
        Assert.StartsWith("https://", couch.Nodes[0].Address.ToString(), StringComparison.Ordinal);
        Assert.Equal(EngineFault.Unreachable, error.Fault);
    }

    [Theory]
    [InlineData(403, "forbidden", EngineFault.Denied, "the user 'admin' must be a server administrator")]
    [InlineData(405, "method_not_allowed", EngineFault.Misconfigured, "this service does not offer compaction: it compacts by itself")]
    public void A_refused_compaction_is_told_in_a_sentence(int status, string error, EngineFault fault, string sentence)
    {
        var options = new CouchDbClusterOptions { Name = "c", Endpoints = [new Uri("http://c/")], User = "admin" };

        var told = CouchDbErrors.ToEngine("compacting shop", options, new CouchDbRefusal(status, error, "no"));

        Assert.Equal(fault, told.Fault);
        Assert.Contains(sentence, told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_of_another_cluster_is_refused()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        await using var other = await CouchDoubles.Nodes(4);
        await using var cluster = CouchDoubles.Open(couch, options => options with { Endpoints = [options.Endpoints[0], other.Nodes[3].Address] });

        var error = await Assert.ThrowsAsync<EngineException>(() => cluster.Discover(CancellationToken.None));

        Assert.Equal(EngineFault.Misconfigured, error.Fault);
        Assert.Contains("couchdb@node4.cluster, which is not one of the nodes", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"couchdb":"Welcome","version":"3.4.2","vendor":{"name":"IBM Cloudant"}}""", "IBM Cloudant compacts by itself and offers no call for it")]
    [InlineData("""{"express-pouchdb":"Welcome!","version":"4.2.0","vendor":{"name":"PouchDB authors"}}""", "is PouchDB Server, which has no nodes and shards")]
    [InlineData("""{"couchdb":"Welcome","version":"1.1.2"}""", "CouchDB 1.1.2 does not tell how much of a file is live; 1.2 and later are supported")]
    [InlineData("""{"couchdb":"Welcome","version":"0.11.0"}""", "CouchDB 0.11.0 does not tell how much of a file is live")]
    [InlineData("""{"name":"etcd"}""", "does not answer as CouchDB does")]
    public void Other_servers_are_refused_with_the_reason(string welcome, string reason)
    {
        using var json = JsonDocument.Parse(welcome);

        var error = Assert.Throws<EngineException>(() => CouchDbVersion.Read(json.RootElement, new CouchDbClusterOptions { Name = "c", Endpoints = [new Uri("http://c/")] }));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Free_space_is_read_from_a_node_exporter()
    {
        const string text = """
            # TYPE node_filesystem_avail_bytes gauge
            node_filesystem_avail_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 1.5e+09
            node_filesystem_avail_bytes{device="/dev/sdb1",fstype="ext4",mountpoint="/data"} 4.2949672960e+10
            node_filesystem_size_bytes{device="/dev/sdb1",fstype="ext4",mountpoint="/data"} 1.073741824e+11
            """;

        Assert.Equal(new DiskSpace(42_949_672_960, 107_374_182_400), CouchDbDisks.Parse(text, "/data"));
        Assert.Equal(DiskSpace.Unseen, CouchDbDisks.Parse(text, "/elsewhere"));
    }

    private static int Logins(DoubleNode node) => node.Requests.Count(request => request == "POST /_session");
}
