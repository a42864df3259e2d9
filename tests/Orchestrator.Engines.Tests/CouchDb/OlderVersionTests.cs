using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.CouchDouble;
using Orchestrator.Engines.CouchDb;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.Host.Demo;

namespace Orchestrator.Engines.Tests.CouchDb;

/// <summary>What differs in 1.x and 2.x, beside the contract.</summary>
public sealed class OlderVersionTests
{
    private static readonly InventoryRequest Request = new(CouchDbCapabilities.Compact, OptionValues.None);

    [Theory]
    [InlineData("2.3.1")]
    [InlineData("2.1.0")]
    public async Task A_run_on_2_compacts_each_copy_at_its_nodes_own_port(string version)
    {
        await using var couch = await CouchDoubles.Of(version);
        var database = couch.Create("eu/north+1", q: 2, file: 9 * CouchDoubles.MiB, active: CouchDoubles.MiB);
        couch.AddView(database, "by-date", 9_000_000, 1_000_000);
        await using var orchestration = CouchDoubles.Orchestrate(couch);

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(couch.Nodes, node => Assert.All(database.ByRange.Keys, range => Assert.Equal(1, node.Shards[database.ShardOf(range)].Orders)));
        var home = database.ShardOf(database.RangeOf("_design/by-date"));
        Assert.All(couch.Nodes, node => Assert.Equal(1, node.Shards[home].Views["by-date"].Orders));
        Assert.All(couch.Nodes, node => Assert.Equal(3, node.Requests.Count(request => request.StartsWith("own: POST /shards%2F", StringComparison.Ordinal))));
        Assert.DoesNotContain(couch.Nodes.SelectMany(node => node.Requests), request => request.StartsWith("POST /eu", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_on_1_compacts_one_database_after_another()
    {
        await using var couch = await CouchDoubles.Filled("1.7.2");
        couch.AddView(couch.Create("eu/north+1", q: 1, file: 90 * CouchDoubles.MiB, active: CouchDoubles.MiB), "by-date", 9_000_000, 1_000_000);
        await using var orchestration = CouchDoubles.Orchestrate(couch);

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.Equal(["shop", "eu/north+1"], ended.Run.Steps.Select(step => step.ReplicaSet));
        Assert.Equal(
            ["POST /shop/_compact", "POST /eu%2Fnorth%2B1/_compact", "POST /eu%2Fnorth%2B1/_compact/by-date"],
            couch.Nodes[0].Requests.Where(request => request.Contains("/_compact", StringComparison.Ordinal)));
        Assert.Equal(0, couch.Nodes[0].Copy(couch.Databases["_users"]).Orders);
    }

    [Fact]
    public async Task A_server_of_1_has_a_set_for_each_database_and_sizes_of_data_and_views()
    {
        await using var couch = await CouchDoubles.Filled("1.7.2");
        couch.AddView(couch.Databases["shop"], "by-date", 9_000_000, 1_000_000);
        await using var cluster = CouchDoubles.Open(couch);

        var topology = await cluster.Discover(CancellationToken.None);
        var inventory = await cluster.Member("couchdb@127.0.0.1").Inventory(Request, CancellationToken.None);

        Assert.Equal(["_users", "shop"], topology.ReplicaSets.Select(set => set.Name));
        Assert.Equal(
            [("shop", 120 * CouchDoubles.MiB), ("shop#by-date", 8_000_000)],
            inventory.Units.Select(unit => (unit.Size.Unit.Path, unit.BytesFreed)));
        Assert.IsType<DatabaseUnit>(inventory.Units[0].Size.Unit);
        Assert.All(inventory.Units, unit => Assert.Equal((null, null), (unit.Size.ExternalBytes, unit.Size.StaleIndexes)));
    }

    [Fact]
    public async Task A_server_of_1_that_was_started_again_in_the_middle_is_not_taken_for_done()
    {
        await using var couch = await CouchDoubles.Filled("1.7.2");
        couch.Nodes[0].Hold();
        await using var cluster = CouchDoubles.Open(couch);
        await cluster.Discover(CancellationToken.None);
        var member = cluster.Member("couchdb@127.0.0.1");
        var order = new JobOrder(
            new CompactionTicket("run-1", 1, 1),
            [new UnitSize(new DatabaseUnit("shop"), 200 * CouchDoubles.MiB, 80 * CouchDoubles.MiB, 0)],
            new CompactionSettings(CouchDbCapabilities.Compact, Force: false, 0, ""));
        var job = await member.Start(order, CancellationToken.None);

        await couch.Nodes[0].Kill();
        couch.Nodes[0].Held = null;
        await couch.Nodes[0].Start();

        Assert.IsType<JobStatus.Unknown>(await Wait.Ended(member, order, job));
    }

    [Fact]
    public async Task The_own_port_of_a_node_is_on_the_host_of_its_url()
    {
        var ports = FreePorts.Find(2);
        await using var couch = await DoubleCluster.Start("2.3.1", [ports[0]], [ports[1]]);
        couch.Create("shop", q: 1, file: CouchDoubles.MiB, active: 1000);
        await using var cluster = CouchDoubles.Open(couch, options => options with { NodeAddresses = new Dictionary<string, Uri>(), NodePort = ports[1] });

        await cluster.Discover(CancellationToken.None);
        var inventory = await cluster.Member(couch.Nodes[0].Name).Inventory(Request, CancellationToken.None);

        Assert.Equal("shop@00000000-ffffffff", Assert.Single(inventory.Units).Size.Unit.Path);
    }

    [Theory]
    [InlineData("https://couch-1:6984/", "https://couch-1:5986/")]
    [InlineData("http://couch-1:5984/", "http://couch-1:5986/")]
    [InlineData(null, "https://couch-9:5986/")]
    public void An_own_port_is_asked_by_https_where_the_url_of_the_node_or_any_endpoint_is(string? own, string expected)
    {
        var options = new CouchDbClusterOptions { Name = "c", Endpoints = [new Uri("http://couch-1:5984/"), new Uri("https://couch-2:6984/")] };
        using var ports = new CouchDbNodePorts(options, _ => throw new InvalidOperationException());

        Assert.Equal(new Uri(expected), ports.AddressOf("couchdb@couch-9", own is null ? null : new Uri(own)));
    }

    [Fact]
    public async Task An_own_port_without_tls_gets_no_password_from_a_cluster_with_https_and_the_remedy_is_told()
    {
        var port = FreePorts.Find(1)[0];
        var options = new CouchDbClusterOptions { Name = "c", Endpoints = [new Uri("https://localhost:6984/")], NodePort = port };
        using var ports = new CouchDbNodePorts(options, _ => throw new EngineException(EngineFault.Unreachable, "it does not speak TLS"));

        var error = await Assert.ThrowsAsync<EngineException>(() => ports.Send("couchdb@localhost", null, HttpMethod.Get, "", CancellationToken.None));

        Assert.Contains($"set node-addresses.\"couchdb@localhost\" = \"http://localhost:{port}\", which sends the password unencrypted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_own_port_that_is_closed_is_told_with_the_remedy()
    {
        await using var couch = await CouchDoubles.Filled("2.3.1");
        await couch.Nodes[1].Kill();
        couch.Nodes[1].IsOwnPortClosed = true;
        await couch.Nodes[1].Start();
        await using var cluster = CouchDoubles.Open(couch);
        await cluster.Discover(CancellationToken.None);

        var error = await Assert.ThrowsAsync<EngineException>(() => cluster.Member(couch.Nodes[1].Name).Inventory(Request, CancellationToken.None));

        Assert.Equal(EngineFault.Unreachable, error.Fault);
        Assert.Contains("[httpd] bind_address", error.Message, StringComparison.Ordinal);
        Assert.Contains($"node-addresses.\"{couch.Nodes[1].Name}\"", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.7.2")]
    [InlineData("2.3.1")]
    public async Task Smoosh_cannot_be_held_before_3(string version)
    {
        await using var couch = await CouchDoubles.Filled(version);
        await using var cluster = CouchDoubles.Open(couch, options => options with { HoldsSmoosh = true });

        var error = await Assert.ThrowsAsync<EngineException>(() => cluster.Discover(CancellationToken.None));

        Assert.True(error.IsPermanent);
        Assert.Contains($"CouchDB {version} has no smoosh, which came with 3.0: set clusters.kube.hold-smoosh = off", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_urls_of_1_are_refused_since_each_is_a_server_of_its_own()
    {
        await using var couch = await CouchDoubles.Filled("1.7.2");
        await using var cluster = CouchDoubles.Open(couch, options => options with { Endpoints = [couch.Nodes[0].Address, new Uri("http://couch-2:5984/")] });

        var error = await Assert.ThrowsAsync<EngineException>(() => cluster.Discover(CancellationToken.None));

        Assert.True(error.IsPermanent);
        Assert.Contains("CouchDB 1.7.2 is a single server", error.Message, StringComparison.Ordinal);
    }
}
