using System.Text.Json;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Http.Contracts;
using Xunit.Abstractions;

namespace Orchestrator.Cluster.Tests;

/// <summary>Processes that show each other certificates, as the configuration <c>remoting.tls</c> says.</summary>
[Collection(Lanes.Clusters)]
public sealed class RemotingTlsTests : IDisposable
{
    /// <summary>Where the runtime looks for trusted authorities; children inherit it.</summary>
    private const string TrustedFile = "SSL_CERT_FILE";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TemporaryDirectory parent = new();
    private readonly DemoDirectory directory;
    private readonly Authority authority;
    private readonly string? formerly = Environment.GetEnvironmentVariable(TrustedFile);
    private readonly ITestOutputHelper output;

    public RemotingTlsTests(ITestOutputHelper output)
    {
        this.output = output;
        authority = new Authority(parent.Path, "our-authority");
        directory = DemoDirectory.Create(new DemoOptions(2, 0, null, Path.Combine(parent.Path, "demo"), Keep: false, Primary: null));
        Environment.SetEnvironmentVariable(TrustedFile, authority.RootFile);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(TrustedFile, formerly);
        directory.Dispose();
        authority.Dispose();
        parent.Dispose();
    }

    [Fact]
    public async Task Processes_of_one_authority_work_together_and_strangers_are_refused_with_a_line_in_the_log()
    {
        await using var cluster = DemoCluster.Start(
            directory, 2, TimeProvider.System, _ => place => Tls(authority.Issue(place.Name), Authority.Password));
        await cluster.WaitUntilReady(Patience, None);
        await Compact(cluster);
        Assert.StartsWith("akka.ssl.tcp://", (await cluster.Clients[0].Cluster(DemoDirectory.ClusterName, None)).SupervisorNode, StringComparison.Ordinal);

        using var others = new Authority(parent.Path, "another-authority");
        await ExpectRefused(cluster, "stranger", Tls(others.Issue("stranger"), Authority.Password), "CN=stranger", "ertificate");
        await ExpectRefused(cluster, "plain", "", "TLS", "SSL");
        await cluster.WaitUntilReady(Patience, None);
        cluster.ThrowIfAProcessFailed();
    }

    [Theory]
    [InlineData("missing.pfx", "", "orchestrator.remoting.tls.certificate")]
    [InlineData("our-authority-node-1.pfx", "wrong", "orchestrator.remoting.tls.password")]
    [InlineData("our-authority-keyless.pfx", Authority.Password, "contains no key")]
    [InlineData("our-authority.pem", "", "must be a PKCS#12 file")]
    public async Task A_process_with_a_certificate_that_cannot_be_used_does_not_start_and_names_the_setting(string file, string password, string expected)
    {
        authority.Issue("node-1");
        authority.Issue("keyless", withKey: false);
        var ports = FreePorts.Find(2);
        var place = new NodePlace("node-1", ports[0], ports[1]);
        var config = directory.WriteConfiguration(place, [place], Tls(Path.Combine(parent.Path, file), password));

        var process = await Processes.RunToEnd(place, config, directory.LogOf(place.Name));

        Assert.Equal(2, process.ExitCode);
        Assert.Contains("orchestrator.remoting.tls.certificate", process.LastWords, StringComparison.Ordinal);
        Assert.Contains(expected, process.LastWords, StringComparison.Ordinal);
        Assert.Contains(file, process.LastWords, StringComparison.Ordinal);
        Assert.DoesNotContain(" at Orchestrator.", process.LastWords, StringComparison.Ordinal);
    }

    private static string Tls(string certificate, string password) => $$"""
        orchestrator.remoting.tls { certificate = {{JsonSerializer.Serialize(certificate)}}, password = {{JsonSerializer.Serialize(password)}} }
        """;

    private static async Task Compact(DemoCluster cluster)
    {
        var data = new DemoData(cluster, new AcknowledgedWrites(), DemoMode.Default);
        await data.Load(DocumentGenerator.Generate(200), new IndexChooser(), None);
        await data.DeleteMost(None);
        var run = await cluster.Ask(client => client.StartRun(new CompactionBody(DemoDirectory.ClusterName, null, null), None));
        var done = await new RunFollower(cluster.Clients, TimeProvider.System, Patience).Follow(run.Id, _ => { }, _ => { }, None);
        Assert.True(done.State == "completed", $"{done.State}: {done.Reason}");
    }

    /// <summary>A process with the same seed nodes knocks, is turned away, and finds no supervisor.</summary>
    private async Task ExpectRefused(DemoCluster cluster, string name, string more, params string[] reasons)
    {
        var ports = FreePorts.Find(2);
        var place = new NodePlace(name, ports[0], ports[1]);
        var config = directory.WriteConfiguration(place, cluster.Places, more + "\norchestrator.roles = [supervisor]");
        var before = cluster.Places.ToDictionary(node => node.Name, node => Lines(node.Name));
        await using var process = NodeProcess.Start(place, config, directory.LogOf(name));
        try
        {
            await Processes.WaitUntil(() => cluster.Places.Any(node => New(node.Name).Any()));
        }
        finally
        {
            output.WriteLine(string.Join('\n', cluster.Places.SelectMany(node => New(node.Name).Take(2))));
        }

        using var client = new OrchestratorClient(place.Address, Patience, followRedirects: false);
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => client.Clusters(None));
        Assert.True(refused is ApiException { Problem.Status: 503 } or ServerUnreachableException, refused.ToString());

        // The runtimes say it in words of their own.
        IEnumerable<string> New(string node) => Lines(node).Skip(before[node].Length).Where(line =>
            reasons.Any(reason => line.Contains(reason, StringComparison.Ordinal)) && (line.Contains(" WRN ", StringComparison.Ordinal) || line.Contains(" ERR ", StringComparison.Ordinal)));
    }

    private string[] Lines(string node)
    {
        using var log = new StreamReader(new FileStream(directory.LogOf(node), FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite));
        return log.ReadToEnd().Split('\n');
    }
}
