using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Benchmarks.Start;

/// <summary>
/// How soon the client commands of a published executable begin: those that ask a server until their first request has arrived at one, the
/// others until they have ended. In turn, so that a machine whose speed changes is the same for all.
/// </summary>
internal sealed class StartFigures : IFigureGroup
{
    private const string ExecutableVariable = "ORCHESTRATOR_EXECUTABLE";
    private const int Repetitions = 15;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private static readonly string[][] Ending = [["version"], ["--help"], ["engines"]];
    private static readonly string[][] Asking = [["nodes"], ["runs"], ["report"], ["plan"], ["compact"]];

    public string Name => "start";

    public async Task<IReadOnlyList<Figure>> Measure(TextWriter log, CancellationToken cancellationToken)
    {
        var executable = Environment.GetEnvironmentVariable(ExecutableVariable) is { Length: > 0 } given && File.Exists(given)
            ? given
            : throw new InvalidOperationException(
                $"{ExecutableVariable} must name a published executable: dotnet publish src/Orchestrator.Host -p:PublishProfile=linux-x64 -o DIRECTORY makes one");
        var times = Ending.Concat(Asking).ToDictionary(command => command, _ => new List<double>());
        for (var i = 0; i < Repetitions; i++)
        {
            foreach (var command in Ending)
            {
                times[command].Add(await UntilEnd(executable, command, cancellationToken));
            }

            foreach (var command in Asking)
            {
                times[command].Add(await UntilRequest(executable, command, cancellationToken));
            }

            log.WriteLine($"round {i + 1} of {Repetitions}");
        }

        return
        [
            .. times.Select(entry => new Figure(
                $"start-{entry.Key[0].TrimStart('-')}",
                Figure.Median(entry.Value),
                "ms",
                "< 150",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"until {(Ending.Contains(entry.Key) ? "it has ended" : "its request has arrived")}, median of {Repetitions}, the fastest {entry.Value.Min():0} ms; {Figure.Load()}"))),
        ];
    }

    private static async Task<double> UntilEnd(string executable, string[] command, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var process = Begin(executable, command);
        try
        {
            await process.WaitForExitAsync(cancellationToken).WaitAsync(Longest, cancellationToken);
            var took = watch.Elapsed.TotalMilliseconds;
            return process.ExitCode == 0 ? took : throw new InvalidOperationException($"{command[0]} ended with {process.ExitCode}");
        }
        finally
        {
            process.Kill();
        }
    }

    private static async Task<double> UntilRequest(string executable, string[] command, CancellationToken cancellationToken)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var watch = Stopwatch.StartNew();
        using var process = Begin(executable, [.. command, "--server", $"http://{server.LocalEndpoint}"]);
        try
        {
            using var connection = await server.AcceptSocketAsync(cancellationToken).AsTask().WaitAsync(Longest, cancellationToken);
            await connection.ReceiveAsync(new byte[16], cancellationToken).AsTask().WaitAsync(Longest, cancellationToken);
            return watch.Elapsed.TotalMilliseconds;
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static Process Begin(string executable, string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(executable, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
