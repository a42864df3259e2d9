using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Host.Cli;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Demo;

namespace Orchestrator.Cluster.Tests;

/// <summary>
/// Programs read standard output: it holds JSON alone, also when the actor system of the process ends. Its lines came in most runs, not in
/// every one, so there are several.
/// </summary>
[Collection(Lanes.Commands)]
public sealed class StandardOutputTests : IDisposable
{
    private const int Runs = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Commands_with_a_supervisor_of_their_own_write_JSON_alone()
    {
        for (var run = 1; run <= Runs; run++)
        {
            var (code, output, error) = await EtcdCommandTests.Run("schedules", "--config", WriteConfig(run), "--output", "json");

            Assert.True(code == ExitCodes.Done, $"run {run}: exit code {code}: {error}");
            Assert.Equal(JsonValueKind.Array, JsonElement.Parse(output).GetProperty("schedules").ValueKind);
        }
    }

    [Fact]
    public async Task Processes_that_are_told_to_stop_write_nothing()
    {
        for (var run = 1; run <= Runs; run++)
        {
            var port = FreePorts.Find(1)[0];
            using var process = Start("serve", "--config", WriteConfig(run, port));
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await WaitUntilReady(process, new Uri($"http://127.0.0.1:{port}"));
            using (var kill = Process.Start("sh", ["-c", $"kill -TERM {process.Id}"]))
            {
                await kill.WaitForExitAsync();
            }

            using var limit = new CancellationTokenSource(Patience);
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == ExitCodes.Done, $"run {run}: exit code {process.ExitCode}: {await error}");
            Assert.Equal("", await output);
        }
    }

    [SkippableTheory]
    [InlineData(">/dev/full", "text", "Standard output cannot be written: the disk is full.\n")]
    [InlineData(">/dev/full", "json", "Standard output cannot be written: the disk is full.\n")]
    [InlineData(">/dev/full 2>/dev/full", "text", "")]
    [InlineData(">&-", "text", "Standard output cannot be written: the operating system denies access to it.\n")]
    public async Task A_result_that_cannot_be_written_is_a_failure_in_words(string redirection, string format, string expected)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs /dev/full");
        var (file, all) = HostExecutable.CommandLine(["engines", "--output", format]);
        var start = new ProcessStartInfo("sh", ["-c", $"exec \"$0\" \"$@\" {redirection}", file, .. all]) { RedirectStandardError = true };
        using var process = Process.Start(start)!;

        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(ExitCodes.Failed, process.ExitCode);
        Assert.Equal(expected, error);
    }

    private static async Task WaitUntilReady(Process process, Uri address)
    {
        using var client = new OrchestratorClient(address, TimeSpan.FromSeconds(5), followRedirects: true);
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            Assert.False(process.HasExited, "the process has ended by itself");
            try
            {
                await client.Ready(limit.Token);
                return;
            }
            catch (Exception e) when (e is ApiException or ServerUnreachableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
            }
        }
    }

    /// <summary>A supervisor alone, with a journal of its own and a cluster that does not answer.</summary>
    private string WriteConfig(int run, int httpPort = 0)
    {
        var file = Path.Combine(_directory.Path, $"run-{run}.conf");
        File.WriteAllText(file, $$"""
            orchestrator {
              roles = [supervisor]
              http { host = "127.0.0.1", port = {{httpPort}} }
              remoting { host = "127.0.0.1", port = 0 }
              journal.file = "{{Path.Combine(_directory.Path, $"run-{run}.sqlite")}}"
              clusters.kv { engine = etcd, endpoints = ["http://127.0.0.1:{{FreePorts.Find(1)[0]}}"] }
              schedules.nightly {}
            }
            """);
        return file;
    }

    private static Process Start(params IReadOnlyList<string> arguments)
    {
        var (file, all) = HostExecutable.CommandLine(arguments);
        return Process.Start(new ProcessStartInfo(file, all) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }
}
