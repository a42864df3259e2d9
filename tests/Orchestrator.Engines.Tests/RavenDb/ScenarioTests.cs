using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.RavenDb;
using Orchestrator.Engines.Tests.Support;
using static Orchestrator.Engines.Tests.RavenDb.RavenDoubles;

namespace Orchestrator.Engines.Tests.RavenDb;

/// <summary>What RavenDB's page on compaction shows, and states that a run meets.</summary>
public sealed class ScenarioTests
{
    [Fact]
    public async Task The_page_s_example_documents_only_is_one_order()
    {
        await using var cluster = ThreeNodes();

        Assert.Equal(["""{"DatabaseName":"orders","Documents":true,"Indexes":[],"SkipOptimizeIndexes":false}"""], await Compacted(cluster, new DatabaseUnit("orders")));
    }

    [Fact]
    public async Task The_page_s_example_specific_indexes_leaves_the_documents_and_other_indexes_alone()
    {
        await using var cluster = ThreeNodes();
        cluster.Databases["orders"].On("B").Indexes["Orders/Totals"] = new HttpDoubles.RavenDb.RavenDoubleIndex(new HttpDoubles.RavenDb.RavenDoubleFile(20 * MiB, 5 * MiB));

        Assert.Equal(
            ["""{"DatabaseName":"orders","Documents":false,"Indexes":["Orders/Totals"],"SkipOptimizeIndexes":false}"""],
            await Compacted(cluster, new ViewUnit("orders", "", "Orders/Totals")));
    }

    [Fact]
    public async Task The_page_s_example_everything_is_each_index_and_then_the_documents()
    {
        await using var cluster = ThreeNodes();

        Assert.Equal(
            [
                """{"DatabaseName":"orders","Documents":false,"Indexes":["Orders/ByCompany"],"SkipOptimizeIndexes":false}""",
                """{"DatabaseName":"orders","Documents":true,"Indexes":[],"SkipOptimizeIndexes":false}""",
            ],
            await Compacted(cluster, new DatabaseUnit("orders"), new ViewUnit("orders", "", "Orders/ByCompany")));
    }

    [Fact]
    public async Task Documents_that_are_compacted_are_offline_on_that_node_only_and_are_not_ordered_twice()
    {
        await using var cluster = ThreeNodes();
        await using var first = await Discovered(cluster);
        await using var second = await Discovered(cluster);
        var order = await Order(first.Member("B"), new DatabaseUnit("orders"));
        cluster["B"].Hold();
        var job = await first.Member("B").Start(order, CancellationToken.None);
        await Wait.Until(async () => (await second.Member("B").Observe(CancellationToken.None)).Memberships[0].State == NodeState.Offline);

        var refused = await Assert.ThrowsAsync<EngineException>(() => second.Member("B").Start(order, CancellationToken.None));
        var other = await second.Member("C").Observe(CancellationToken.None);
        cluster["B"].Release();

        Assert.Equal((EngineFault.WrongState, "B compacts orders already; wait until that has ended"), (refused.Fault, refused.Message));
        Assert.Equal(NodeState.Online, other.Memberships[0].State);
        Assert.IsType<JobStatus.Succeeded>(await Wait.Ended(first.Member("B"), order, job));
        Assert.Single(cluster["B"].Compacts);
    }

    [Fact]
    public async Task A_database_with_one_copy_is_compacted_only_when_that_is_forced()
    {
        await using var cluster = ThreeNodes();
        Fill(cluster.Add("log", "B"));
        await using (var careful = Orchestrate(cluster))
        {
            await careful.Run("run-1");
        }

        Assert.DoesNotContain(cluster["B"].Compacts, body => body.Contains("\"log\"", StringComparison.Ordinal));

        await using var forced = Orchestrate(cluster);
        await forced.Run("run-2", options => options with { Force = true });
        Assert.Contains(cluster["B"].Compacts, body => body.Contains("\"log\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(503, "Raven.Client.Exceptions.Database.DatabaseDisabledException", "locked", EngineFault.WrongState, "wait until that has ended")]
    [InlineData(500, "Raven.Client.Exceptions.Database.DatabaseDisabledException", "locked", EngineFault.WrongState, "wait until that has ended")]
    [InlineData(500, "System.InvalidOperationException", "Cannot compact database X, it doesn't exist.", EngineFault.WrongState, "it doesn't exist")]
    [InlineData(500, "System.InvalidOperationException", "Nothing to compact.", EngineFault.Failed, "Nothing to compact")]
    [InlineData(500, "Raven.Client.Exceptions.Sharding.NotSupportedInShardingException", "sharded", EngineFault.Failed, "shard by shard")]
    [InlineData(500, "Raven.Client.Exceptions.Corax.NotSupportedInCoraxException", "Corax", EngineFault.Failed, "leave them out")]
    [InlineData(403, "", "no", EngineFault.Denied, "tls.certificate")]
    public void A_refusal_is_decided_by_its_type(int status, string type, string text, EngineFault fault, string words)
    {
        var error = RavenDbErrors.ToEngine("compacting", new RavenDbClusterOptions { Name = "shop", Endpoints = [] }, new RavenDbRefusal((HttpStatusCode)status, type, text));

        Assert.Equal(fault, error.Fault);
        Assert.Contains(words, error.Message);
    }

    [Fact]
    public void A_client_certificate_may_be_PFX_or_PEM()
    {
        var directory = Directory.CreateTempSubdirectory("raven-tls");
        try
        {
            using var key = RSA.Create(2048);
            using var made = new CertificateRequest("CN=client", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                .CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
            var (pfx, pem, pemKey) = (Path.Combine(directory.FullName, "c.pfx"), Path.Combine(directory.FullName, "c.pem"), Path.Combine(directory.FullName, "k.pem"));
            File.WriteAllBytes(pfx, made.Export(X509ContentType.Pfx, "hidden"));
            File.WriteAllText(pem, made.ExportCertificatePem());
            File.WriteAllText(pemKey, key.ExportPkcs8PrivateKeyPem());

            Assert.Equal(made.Thumbprint, Shown(new TlsFiles("", pfx, "") { Password = "hidden" }));
            Assert.Equal(made.Thumbprint, Shown(new TlsFiles("", pem, pemKey)));
            var wrong = Assert.Throws<EngineException>(() => Shown(new TlsFiles("", pfx, "") { Password = "other" }));
            Assert.DoesNotContain("other", wrong.Message);
        }
        finally
        {
            TemporaryFiles.Delete(directory.FullName);
        }
    }

    private static string Shown(TlsFiles files)
    {
        using var certificates = new EngineCertificates(files);
        return Assert.Single(certificates.Shown!.OfType<X509Certificate2>()).Thumbprint;
    }

    private static async Task<IReadOnlyList<string>> Compacted(HttpDoubles.RavenDb.RavenDoubleCluster cluster, params StorageUnit[] units)
    {
        await using var driver = await Discovered(cluster);
        var member = driver.Member("B");
        var order = await Order(member, units);
        Assert.IsType<JobStatus.Succeeded>(await Wait.Ended(member, order, await member.Start(order, CancellationToken.None)));
        return [.. cluster["B"].Compacts];
    }
}
