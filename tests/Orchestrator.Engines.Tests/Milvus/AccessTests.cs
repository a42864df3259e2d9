using System.Security.Cryptography.X509Certificates;
using Orchestrator.Core.Engines;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.HttpDoubles.Milvus;
using static Orchestrator.Engines.Tests.Milvus.MilvusDoubles;

namespace Orchestrator.Engines.Tests.Milvus;

/// <summary>How a cluster is reached, and which of its databases are compacted.</summary>
public sealed class AccessTests
{
    [Fact]
    public async Task Over_TLS_with_a_user_whom_the_server_knows()
    {
        using var certificates = new Certificates();
        await using var milvus = Secured(certificates);
        await using var driver = Open(milvus, options => options with { Token = "root:right", Tls = new TlsFiles(certificates.Authority, "", "") });

        Assert.IsType<JobStatus.Succeeded>(await Run(driver));

        Assert.All(milvus.Server.Asked, request => Assert.Equal("Bearer root:right", request.Authorization));
    }

    [Fact]
    public async Task A_server_whose_certificate_nobody_vouches_for_is_not_told_the_password()
    {
        using var certificates = new Certificates();
        await using var milvus = Secured(certificates);
        await using var driver = Open(milvus, options => options with { Token = "root:right" });

        var error = await Assert.ThrowsAsync<EngineException>(() => driver.Discover(CancellationToken.None));

        Assert.Equal(EngineFault.Unreachable, error.Fault);
        Assert.Contains("certificate", error.Message);
        Assert.Empty(milvus.Server.Asked);
    }

    [Theory]
    [InlineData("", "archive/page default/book")]
    [InlineData("archive", "archive/page")]
    public async Task The_database_that_is_named_or_all(string database, string collections)
    {
        await using var milvus = OneCollection();
        milvus.Collections.Add(new MilvusDoubleCollection("archive", "page", 1000, 500));
        await using var driver = Open(milvus, options => options with { Database = database });

        Assert.Equal(collections, string.Join(' ', (await Units(driver)).Select(unit => unit.Size.Unit.Path).Order(StringComparer.Ordinal)));
    }

    private static MilvusDouble Secured(Certificates certificates)
    {
        var milvus = new MilvusDouble(X509Certificate2.CreateFromPemFile(certificates.Certificate("server"), certificates.Key("server"))) { Token = "root:right" };
        milvus.Collections.Add(new MilvusDoubleCollection("default", "book", 400_000, 100_000));
        return milvus;
    }
}
