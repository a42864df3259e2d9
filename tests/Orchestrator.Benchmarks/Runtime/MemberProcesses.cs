using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Orchestrator.Benchmarks.Runtime;

/// <summary>Three real processes form a cluster; the singleton's host is killed (SIGKILL).</summary>
internal sealed class MemberProcesses : IDisposable
{
    private const int Members = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly List<(int Port, Process Process)> _members = [];
    private readonly Channel<(int Port, string Line)> _lines = Channel.CreateUnbounded<(int, string)>();

    /// <summary>Seconds from the kill until the first other member has removed the host, and until the singleton is alive elsewhere.</summary>
    public static async Task<(double Removed, double Moved)> KillHost()
    {
        using var processes = new MemberProcesses();
        await processes.Form();
        return await processes.Kill();
    }

    public void Dispose()
    {
        foreach (var (_, process) in _members)
        {
            if (!process.HasExited)
            {
                process.Kill();
                process.WaitForExit();
            }

            process.Dispose();
        }
    }

    private async Task Form()
    {
        var ports = FreePorts();
        foreach (var port in ports)
        {
            Start(port, ports[0]);
        }

        var ups = 0;
        var singletons = 0;
        while (ups < Members * Members || singletons < 1)
        {
            var (_, line) = await Next();
            ups += line.StartsWith(MemberProgram.Up, StringComparison.Ordinal) ? 1 : 0;
            singletons += line == MemberProgram.Singleton ? 1 : 0;
        }
    }

    private async Task<(double Removed, double Moved)> Kill()
    {
        // The first seed founds the cluster: it is the oldest member, so the singleton's host.
        var (host, process) = _members[0];
        var watch = Stopwatch.StartNew();
        process.Kill();
        double? removed = null;
        double? moved = null;
        while (removed is null || moved is null)
        {
            // The actors that say so hear of the removal at the same time, in two processes: either line can be the first.
            var (port, line) = await Next();
            if (port != host && line == string.Create(CultureInfo.InvariantCulture, $"{MemberProgram.Removed} {host}"))
            {
                removed ??= watch.Elapsed.TotalSeconds;
            }
            else if (port != host && line == MemberProgram.Singleton)
            {
                moved ??= watch.Elapsed.TotalSeconds;
            }
        }

        return (removed.Value, moved.Value);
    }

    private void Start(int port, int seedPort)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(MemberProcesses).Assembly.Location);
        }

        start.ArgumentList.Add(MemberProgram.CommandName);
        start.ArgumentList.Add(port.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(seedPort.ToString(CultureInfo.InvariantCulture));
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, e) => _lines.Writer.TryWrite((port, e.Data ?? ""));
        process.BeginOutputReadLine();
        _members.Add((port, process));
    }

    private async Task<(int Port, string Line)> Next()
    {
        using var limit = new CancellationTokenSource(Limit);
        return await _lines.Reader.ReadAsync(limit.Token);
    }

    private static int[] FreePorts()
    {
        var listeners = Enumerable.Range(0, Members).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Stop());
        return ports;
    }
}
