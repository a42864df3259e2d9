using Orchestrator.Host.Demo;

namespace Orchestrator.Cluster.Tests;

/// <summary>Configurations of two processes that are right each by itself, and wrong together.</summary>
public sealed class ConfigurationMistakeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TemporaryDirectory parent = new();
    private readonly DemoDirectory directory;

    public ConfigurationMistakeTests() =>
        directory = DemoDirectory.Create(new DemoOptions(2, 0, null, Path.Combine(parent.Path, "demo"), Keep: false, Primary: null));

    public void Dispose()
    {
        directory.Dispose();
        parent.Dispose();
    }

    [Fact]
    public async Task A_second_process_of_one_name_ends_and_says_where_the_first_one_is()
    {
        await using var cluster = DemoCluster.Start(directory, 2, TimeProvider.System);
        var set = await cluster.WaitUntilReady(Patience, None);
        var ports = FreePorts.Find(2);
        var first = cluster.Places[1];

        var second = await StartCopy(cluster, first, ports);

        Assert.Equal(1, second.ExitCode);
        Assert.Contains($"127.0.0.1:{first.RemotingPort} is {first.Name} of {DemoDirectory.ClusterName} already", second.LastWords, StringComparison.Ordinal);
        Assert.Contains("orchestrator.node.name", second.LastWords, StringComparison.Ordinal);
        Assert.DoesNotContain("Start it again", second.LastWords, StringComparison.Ordinal);
        Assert.Equal(set.Primary, (await cluster.WaitUntilReady(Patience, None)).Primary);
        cluster.ThrowIfAProcessFailed();
    }

    [Theory]
    [InlineData(true, "orchestrator.http.port")]
    [InlineData(false, "orchestrator.remoting.port")]
    public async Task A_second_process_of_one_port_ends_and_names_the_setting(bool ofHttp, string setting)
    {
        await using var cluster = DemoCluster.Start(directory, 2, TimeProvider.System);
        await cluster.WaitUntilReady(Patience, None);
        var ports = FreePorts.Find(2);
        ports = ofHttp ? [cluster.Places[1].HttpPort, ports[1]] : [ports[0], cluster.Places[1].RemotingPort];

        var second = await StartCopy(cluster, cluster.Places[1], ports);

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("in use", second.LastWords, StringComparison.Ordinal);
        Assert.Contains(setting, second.LastWords, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", await File.ReadAllTextAsync(directory.LogOf("copy")), StringComparison.Ordinal);
        await cluster.WaitUntilReady(Patience, None);
        cluster.ThrowIfAProcessFailed();
    }

    /// <summary>Starts a process with the name of another one and files of its own, and waits until it has ended by itself.</summary>
    private async Task<(int ExitCode, string LastWords)> StartCopy(DemoCluster cluster, NodePlace of, IReadOnlyList<int> ports)
    {
        var place = new NodePlace("copy", ports[0], ports[1]);
        var config = directory.WriteConfiguration(place, cluster.Places, $"orchestrator.node.name = {of.Name}");
        return await Processes.RunToEnd(place, config, directory.LogOf(place.Name));
    }
}
