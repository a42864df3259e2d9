using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Host.Demo;

namespace Orchestrator.Cluster.Tests;

/// <summary>The demo as a user starts it: a process of its own.</summary>
internal sealed class DemoProcess : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> error;

    private DemoProcess(Process process)
    {
        this.process = process;
        output = process.StandardOutput.ReadToEndAsync();
        error = process.StandardError.ReadToEndAsync();
    }

    public int Id => process.Id;

    public static DemoProcess Start(params IReadOnlyList<string> arguments)
    {
        var (file, all) = HostExecutable.CommandLine(["demo", .. arguments]);
        var start = new ProcessStartInfo(file) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in all)
        {
            start.ArgumentList.Add(argument);
        }

        return new DemoProcess(Process.Start(start)!);
    }

    /// <summary>Runs a demo with JSON output to its end.</summary>
    public static async Task<DemoReport> Run(params IReadOnlyList<string> arguments)
    {
        using var demo = Start([.. arguments, "--output", "json"]);
        var (code, text, error) = await demo.WaitForEnd();
        Assert.True(code == 0, $"exit code {code}: {error}");
        return JsonSerializer.Deserialize(text, DemoJsonContext.Default.DemoReport)!;
    }

    public async Task<(int Code, string Out, string Error)> WaitForEnd()
    {
        using var limit = new CancellationTokenSource(Timeout);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Sends a signal, for example INT or KILL.</summary>
    public async Task Signal(string signal)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -{signal} {process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }
}
