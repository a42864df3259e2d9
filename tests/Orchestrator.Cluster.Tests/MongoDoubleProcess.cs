using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Orchestrator.Host.Demo;

namespace Orchestrator.Cluster.Tests;

/// <summary>The double of MongoDB's servers, started by its command line.</summary>
internal sealed class MongoDoubleProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _told = new();
    private readonly Process _process;

    private MongoDoubleProcess(IReadOnlyList<string> options, int ports)
    {
        var assembly = Path.Combine(AppContext.BaseDirectory, "Orchestrator.MongoDouble.dll");
        var port = FreePorts.FindRow(ports).ToString(CultureInfo.InvariantCulture);
        _process = Process.Start(new ProcessStartInfo("dotnet", [assembly, "--port", port, .. options]) { RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, line) => _told.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
    }

    /// <summary>What it has printed: its connection string, then each compaction, step-down and election.</summary>
    public IReadOnlyCollection<string> Told => _told;

    public string Uri => _told.First();

    public IEnumerable<string> Begun => _told.Where(line => line.Contains(" compacts ", StringComparison.Ordinal));

    /// <param name="ports">How many servers it has.</param>
    public static async Task<MongoDoubleProcess> Start(int ports, params IReadOnlyList<string> options)
    {
        var started = new MongoDoubleProcess(options, ports);
        await Processes.WaitUntil(() => started._told.Count > 1 || started._process.HasExited);
        Assert.StartsWith("mongodb://", started.Uri, StringComparison.Ordinal);
        return started;
    }

    /// <summary>A configuration of five lines, as the documentation has it.</summary>
    public string Configure(TemporaryDirectory directory, string more = "")
    {
        var path = Path.Combine(directory.Path, "shop.conf");
        File.WriteAllText(path, $$"""
            orchestrator.clusters.shop {
              engine = mongodb
              uri = "{{Uri}}"
              settle = 200ms
              {{more}}
            }

            """);
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
