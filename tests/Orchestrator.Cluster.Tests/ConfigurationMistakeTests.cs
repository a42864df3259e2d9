using Orchestrator.Host.Demo;

namespace Orchestrator.Cluster.Tests;

/// <summary>Configurations of two processes that are right each by itself, and wrong together.</summary>
[Collection(Lanes.Clusters)]
public sealed class ConfigurationMistakeTests(ConfigurationMistakeTests.TwoProcesses processes) : IClassFixture<ConfigurationMistakeTests.TwoProcesses>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly CancellationToken None = CancellationToken.None;

    private DemoCluster Cluster => processes.Cluster;

    [Fact]
    public async Task A_second_process_of_one_name_ends_and_says_where_the_first_one_is()
    {
        var set = await Cluster.WaitUntilReady(Patience, None);
        var first = Cluster.Places[1];

        var second = await StartCopy(FreePorts.Find(2));

        Assert.Equal(1, second.ExitCode);
        Assert.Contains($"127.0.0.1:{first.RemotingPort} is {first.Name} of {DemoDirectory.ClusterName} already", second.LastWords, StringComparison.Ordinal);
        Assert.Contains("orchestrator.node.name", second.LastWords, StringComparison.Ordinal);
        Assert.DoesNotContain("Start it again", second.LastWords, StringComparison.Ordinal);
        Assert.Equal(set.Primary, (await Cluster.WaitUntilReady(Patience, None)).Primary);
        Cluster.ThrowIfAProcessFailed();
    }

    [Theory]
    [InlineData(true, "orchestrator.http.port")]
    [InlineData(false, "orchestrator.remoting.port")]
    public async Task A_second_process_of_one_port_ends_and_names_the_setting(bool ofHttp, string setting)
    {
        await Cluster.WaitUntilReady(Patience, None);
        var ports = FreePorts.Find(2);
        ports = ofHttp ? [Cluster.Places[1].HttpPort, ports[1]] : [ports[0], Cluster.Places[1].RemotingPort];

        var second = await StartCopy(ports);

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("in use", second.LastWords, StringComparison.Ordinal);
        Assert.Contains(setting, second.LastWords, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", await File.ReadAllTextAsync(processes.Directory.LogOf("copy")), StringComparison.Ordinal);
        await Cluster.WaitUntilReady(Patience, None);
        Cluster.ThrowIfAProcessFailed();
    }

    /// <summary>Starts a process with the name of the second one and files of its own, and waits until it has ended by itself.</summary>
    private async Task<(int ExitCode, string LastWords)> StartCopy(IReadOnlyList<int> ports)
    {
        var place = new NodePlace("copy", ports[0], ports[1]);
        var config = processes.Directory.WriteConfiguration(place, Cluster.Places, $"orchestrator.node.name = {Cluster.Places[1].Name}");
        return await Processes.RunToEnd(place, config, processes.Directory.LogOf(place.Name));
    }

    /// <summary>The processes whose names and ports others take by mistake; they must not notice.</summary>
    public sealed class TwoProcesses : IAsyncLifetime
    {
        private readonly TemporaryDirectory parent = new();

        public TwoProcesses()
        {
            Directory = DemoDirectory.Create(new DemoOptions(2, 0, null, Path.Combine(parent.Path, "demo"), Keep: false, Primary: null));
            Cluster = DemoCluster.Start(Directory, 2, TimeProvider.System);
        }

        internal DemoDirectory Directory { get; }

        internal DemoCluster Cluster { get; }

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync()
        {
            await Cluster.DisposeAsync();
            Directory.Dispose();
            parent.Dispose();
        }
    }
}
