using Orchestrator.Host.Tests.Cli;

namespace Orchestrator.Host.Tests.Composition;

/// <summary>Client commands with <c>--config</c>, one after another as cron starts them, on a cluster that does not answer.</summary>
public sealed class StandaloneCommandTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task What_one_command_orders_the_next_one_finds()
    {
        Assert.Equal((0, "kube"), await Run("freeze kube --reason upgrade", "kube"));
        Assert.Equal((0, "upgrade"), await Run("freezes", "upgrade"));
        Assert.Equal((0, "nothing starts: kube was frozen by"), await Run("explain kube", "nothing starts: kube was frozen by"));
        Assert.Equal((0, "Nothing is frozen."), await Run("unfreeze kube", "Nothing is frozen."));
        Assert.Equal((0, "lift-freeze"), await Run("audit", "lift-freeze"));
        Assert.Equal((0, "last compacted at least 7d ago"), await Run("schedules weekly", "last compacted at least 7d ago"));
        Assert.Equal((0, "There are no runs."), await Run("runs", "There are no runs."));
    }

    [Theory]
    [InlineData(4, "No endpoint of kube answers", "nodes", "report", "plan", "compact", "step-down")]
    [InlineData(1, "There is no run 'nope'", "run nope", "watch nope", "pause nope", "resume nope", "cancel nope", "approve nope", "throttle nope 0")]
    [InlineData(1, "Cluster kube has no node 'a'", "index-cleanup --node a", "resync --node a --database d --collection c")]
    [InlineData(2, "etcd has no verification", "verify --node a")]
    [InlineData(2, "import is for documents of the embedded engine only", "import x.json --database d --collection c")]
    [InlineData(1, "There is no cluster 'mian'; known: kube", "nodes --cluster mian")]
    public async Task Every_other_command_says_what_a_server_would(int code, string says, params string[] commands)
    {
        foreach (var command in commands)
        {
            Assert.Equal((code, says), await Run(command, says));
        }
    }

    /// <returns>The exit code, and the text if it was said; else all that was.</returns>
    private async Task<(int Code, string Said)> Run(string command, string expected)
    {
        var config = Path.Combine(directory.Path, "etcd.conf");
        await File.WriteAllTextAsync(config, """
            orchestrator.clusters.kube { engine = etcd, endpoints = ["http://127.0.0.1:1"] }
            orchestrator.schedules.weekly { clusters = [kube], rules.time-since-last = 7d }
            """);
        var (code, output, error) = await CliHarness.Run([.. command.Split(' '), "--config", config]);
        return (code, (output + error).Contains(expected, StringComparison.OrdinalIgnoreCase) ? expected : $"{command}: {output}{error}");
    }
}
