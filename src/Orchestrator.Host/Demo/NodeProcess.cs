using System.Diagnostics;

namespace Orchestrator.Host.Demo;

/// <summary>
/// A child process that serves a node. It ends with this process, however this one ends: it watches its standard input,
/// which the system closes then.
/// </summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly Task logging;
    private readonly LastLines lastLines = new();
    private volatile bool expectedToEnd;

    private NodeProcess(NodePlace place, Process process, string logFile)
    {
        Place = place;
        this.process = process;
        logging = Task.WhenAll(Log(process.StandardError, logFile), Drain(process.StandardOutput));
        Exited = Task.WhenAll(process.WaitForExitAsync(), logging);
    }

    public NodePlace Place { get; }

    /// <summary>Completes when the process has ended and its last words have been read.</summary>
    public Task Exited { get; }

    public bool HasExited => process.HasExited;

    /// <summary>Number of the process.</summary>
    public int Id => process.Id;

    /// <summary>How it has ended; 0 after an orderly end.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>Whether it ended although nobody asked it to.</summary>
    public bool HasFailed => !expectedToEnd && process.HasExited;

    /// <summary>What it said last on its standard error.</summary>
    public string LastWords => lastLines.ToString();

    /// <param name="configFile">Its configuration.</param>
    /// <param name="logFile">Where its standard error is appended.</param>
    /// <param name="assembly">Path of another build's assembly to start instead; null for this one.</param>
    public static NodeProcess Start(NodePlace place, string configFile, string logFile, string? assembly = null)
    {
        var (file, arguments) = HostExecutable.CommandLine(assembly, ["serve", "--config", configFile, "--end-with-parent"]);
        var start = new ProcessStartInfo(file)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start) ?? throw new DemoException($"{file} cannot be started.");
        return new NodeProcess(place, process, logFile);
    }

    /// <summary>Its end is no failure, whoever brings it about.</summary>
    public void ExpectEnd() => expectedToEnd = true;

    /// <summary>Ends the process as a crash would (SIGKILL), without any cleaning up.</summary>
    public async Task Kill()
    {
        expectedToEnd = true;
        process.Kill();
        await Exited;
    }

    /// <summary>Asks the process to end, and ends it if it does not.</summary>
    public async Task Stop()
    {
        expectedToEnd = true;
        try
        {
            // Its end of input is what a child takes as the order to end; SIGTERM would need a native call.
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }

        try
        {
            await Exited.WaitAsync(StopTimeout);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            await Exited;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        process.Dispose();
    }

    private static async Task Drain(StreamReader output)
    {
        while (await output.ReadLineAsync() is not null)
        {
        }
    }

    private async Task Log(StreamReader error, string logFile)
    {
        // At once: whoever looks why a node does not answer looks while it runs.
        await using var log = new StreamWriter(logFile, append: true) { AutoFlush = true };
        while (await error.ReadLineAsync() is { } line)
        {
            lastLines.Add(line);
            await log.WriteLineAsync(line);
        }
    }

    /// <summary>The last few lines of a log.</summary>
    private sealed class LastLines
    {
        private const int Count = 5;

        private readonly Queue<string> lines = new();

        public void Add(string line)
        {
            lock (lines)
            {
                if (lines.Count == Count)
                {
                    lines.Dequeue();
                }

                lines.Enqueue(line);
            }
        }

        public override string ToString()
        {
            lock (lines)
            {
                return string.Join(" | ", lines);
            }
        }
    }
}
