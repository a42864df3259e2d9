using System.Security.Cryptography.X509Certificates;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.HttpDoubles.RavenDb;
using static Orchestrator.Engines.Tests.RavenDb.RavenDoubles;

namespace Orchestrator.Engines.Tests.RavenDb;

/// <summary>Secured clusters, and operations that others end.</summary>
public sealed class AccessTests
{
    [Theory]
    [InlineData("PEM")]
    [InlineData("PFX")]
    public async Task A_secured_cluster_takes_orders_from_whoever_shows_its_certificate(string kind)
    {
        using var certificates = new Certificates();
        using var client = X509Certificate2.CreateFromPemFile(certificates.Certificate("client"), certificates.Key("client"));
        var pfx = Path.ChangeExtension(certificates.Certificate("client"), ".pfx");
        await File.WriteAllBytesAsync(pfx, client.Export(X509ContentType.Pfx, "hidden"));
        var own = X509Certificate2.CreateFromPemFile(certificates.Certificate("server"), certificates.Key("server"));
        await using var cluster = new RavenDoubleCluster(["A", "B"], own) { Operators = [client.Thumbprint] };
        Fill(cluster.Add("orders", "A", "B"));
        await using var driver = await Discovered(cluster, options => options with
        {
            Tls = kind == "PFX"
                ? new TlsFiles(certificates.Authority, pfx, "") { Password = "hidden" }
                : new TlsFiles(certificates.Authority, certificates.Certificate("client"), certificates.Key("client")),
        });

        var member = driver.Member("B");
        var order = await Order(member, new DatabaseUnit("orders"));

        Assert.IsType<JobStatus.Succeeded>(await Wait.Ended(member, order, await member.Start(order, CancellationToken.None)));
        Assert.All(cluster.Nodes.SelectMany(node => node.Server.Asked), request => Assert.Equal(client.Thumbprint, request.ClientThumbprint));
    }

    [Fact]
    public async Task An_operation_that_somebody_else_kills_is_told_as_that()
    {
        await using var cluster = ThreeNodes();
        await using var driver = await Discovered(cluster);
        var member = driver.Member("B");
        var order = await Order(member, new ViewUnit("orders", "", "Orders/ByCompany"));
        cluster["B"].Hold();
        var job = await member.Start(order, CancellationToken.None);

        using var other = new HttpClient();
        using var killed = await other.PostAsync(new Uri(cluster["B"].Server.Url, "admin/operations/kill?id=1"), null);

        Assert.Equal("somebody cancelled operation 1 on B", Assert.IsType<JobStatus.Failed>(await Wait.Ended(member, order, job)).Reason);
    }
}
