using System.Security.Cryptography.X509Certificates;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.MongoDb;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.MongoDouble;

namespace Orchestrator.Engines.Tests.MongoDb;

/// <summary>Versions that the official driver does not speak to, beside the contract.</summary>
public sealed class LegacyTests : IDisposable
{
    private readonly Certificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData("2.6.12", "")]
    [InlineData("2.6.12", "?authMechanism=MONGODB-CR")]
    [InlineData("3.0.15", "")]
    [InlineData("3.6.23", "?authMechanism=SCRAM-SHA-1")]
    [InlineData("4.2.24", "")]
    [InlineData("4.2.24", "?authMechanism=SCRAM-SHA-256")]
    public async Task A_user_is_logged_in_as_the_version_wants_it(string version, string option)
    {
        await using var set = MongoDoubles.ThreeMembers(version);
        set.Users["o=p"] = new DoubleUser("o=p", "s,cret");

        var seen = await Observe(set, options => options with { Uri = $"mongodb://o%3Dp:s%2Ccret@{set.Members[1].Address}/{option}" });

        Assert.Equal((NodeState.Online, version), (seen.State, seen.Version));
    }

    [Fact]
    public async Task Old_servers_have_TLS_and_client_certificates_too()
    {
        await using var set = MongoDoubles.ThreeMembers("3.4.24");
        set.Certificate = X509Certificate2.CreateFromPemFile(_certificates.Certificate("server"), _certificates.Key("server"));
        set.WantsClientCertificate = true;
        set.Users["CN=client"] = new DoubleUser("CN=client", "");

        var seen = await Observe(set, options => options with
        {
            UsesTls = true,
            Tls = new TlsFiles(_certificates.Authority, _certificates.Certificate("client"), _certificates.Key("client")),
            UsesCertificate = true,
        });

        Assert.Equal(NodeState.Online, seen.State);
    }

    [Fact]
    public async Task The_client_changes_with_the_version_of_the_server()
    {
        await using var set = MongoDoubles.ThreeMembers("4.2.24");
        await using var cluster = MongoDoubles.Open(set);
        await cluster.Discover(CancellationToken.None);
        var member = cluster.Member(set.Members[1].Name);
        var before = await member.Observe(CancellationToken.None);

        set.Members[1].Kill();
        set.Members[1].Version = DoubleVersion.Parse("4.4.29");
        set.Members[1].Revive();
        var after = await member.Observe(CancellationToken.None);

        Assert.Equal(("4.2.24", "4.4.29"), (before.Version, after.Version));
    }

    [Fact]
    public async Task Options_of_MMAPv1_reach_it_and_WiredTiger_refuses_them()
    {
        await using var old = MongoDoubles.ThreeMembers("2.6.12");
        await using var newer = MongoDoubles.ThreeMembers("4.2.24");
        var options = OptionValues.None.With(MongoDbCapabilities.PaddingFactor, 1.5m).With(MongoDbCapabilities.Validate, true);
        var settings = new CompactionSettings(MongoDbCapabilities.Compact, Force: false, 0, "") { EngineOptions = options };
        var order = new JobOrder(new CompactionTicket("run-1", 1, 1), [new UnitSize(new DocumentsUnit("shop", "orders"), 260 << 20, 100 << 20, 0)], settings);

        await Start(old, order);
        await Wait.Until(() => old.Members[1].Compacts.Count == 1);
        var error = await Assert.ThrowsAsync<EngineException>(() => Start(newer, order));

        var command = old.Members[1].Compacts.Single();
        Assert.Equal((1.5, true), (command["paddingFactor"].AsDouble, command["validate"].AsBoolean));
        Assert.Contains("does not store by MMAPv1", error.Message);
    }

    [Fact]
    public async Task Collections_come_in_batches_and_capped_ones_of_MMAPv1_are_left_out()
    {
        await using var set = MongoDoubles.ThreeMembers("2.6.12");
        for (var i = 0; i < 250; i++)
        {
            set.Members[1].Collections[$"many.c{i}"] = new DoubleCollection("many", $"c{i}") { Data = new DoubleFile { Bytes = 4096 } };
        }

        set.Add(new DoubleCollection("shop", "log") { IsCapped = true, Data = new DoubleFile { Bytes = 200 << 20, Free = 100 << 20 } });
        await using var cluster = MongoDoubles.Open(set);
        await cluster.Discover(CancellationToken.None);

        var inventory = await cluster.Member(set.Members[1].Name).Inventory(new InventoryRequest(MongoDbCapabilities.Compact, OptionValues.None), CancellationToken.None);

        Assert.Equal(253, inventory.Units.Count);
        Assert.Equal("MMAPv1 does not compact capped collections", inventory.Units.Single(unit => unit.Size.Unit.Collection == "log").Refusal);
        Assert.Equal(2L << 30, inventory.Units.Single(unit => unit.Size.Unit.Collection == "orders").TemporaryBytes);
    }

    private static async Task Start(DoubleReplicaSet set, JobOrder order)
    {
        await using var cluster = MongoDoubles.Open(set);
        await cluster.Discover(CancellationToken.None);
        await cluster.Member(set.Members[1].Name).Start(order, CancellationToken.None);
        await Wait.Until(() => set.Members[1].Compacts.Count > 0);
    }

    private static async Task<MemberObservation> Observe(DoubleReplicaSet set, Func<MongoDbClusterOptions, MongoDbClusterOptions> adjust)
    {
        await using var cluster = MongoDoubles.Open(set, adjust);
        await cluster.Discover(CancellationToken.None);
        return await cluster.Member(set.Members[1].Name).Observe(CancellationToken.None);
    }
}
