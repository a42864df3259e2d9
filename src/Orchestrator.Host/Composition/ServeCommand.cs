using System.CommandLine;
using Orchestrator.Host.Cli;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http;
using Serilog;

namespace Orchestrator.Host.Composition;

/// <summary><c>serve</c>: runs a process until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create(CliStreams streams, TimeProvider time, RunIds runIds, Func<int> seed)
    {
        var config = new Option<string>("--config") { Description = "HOCON file; reference.conf lists every setting.", HelpName = "FILE", Required = true };
        var endWithParent = new Option<bool>("--end-with-parent")
        {
            Description = "Stop when standard input is closed, as it is when the process that started this one ends.",
        };
        var command = new Command("serve", "Runs a database node, a process that can host the supervisor, or both, until SIGTERM or Ctrl-C.")
        {
            config, endWithParent,
        };
        command.SetAction((parsed, cancellationToken) => Run(
            parsed.GetValue(config)!, parsed.GetValue(endWithParent), streams, time, runIds, seed(), cancellationToken));
        return command.WithExamples(
            "orchestrator serve --config hocon/node.conf",
            "NODE_NAME=node-2 HTTP_PORT=8180 REMOTING_PORT=8181 orchestrator serve --config hocon/node.conf");
    }

    private static async Task<int> Run(
        string configFile, bool endWithParent, CliStreams streams, TimeProvider time, RunIds runIds, int seed, CancellationToken cancellationToken)
    {
        // System.CommandLine watches for signals only once the action has given its task back: nothing may happen before.
        await Task.Yield();
        OrchestratorSettings settings;
        try
        {
            settings = SettingsBinder.Load(configFile);
        }
        catch (SettingsException e)
        {
            streams.Output(OutputFormat.Text).Remark(e.Message);
            return ExitCodes.Usage;
        }

        await using var log = Logs.Create(settings.Log);
        Log.Logger = log;
        try
        {
            using var journalLock = settings.Roles.Supervisor ? JournalLock.Take(settings.Journal, Path.GetFullPath(configFile), alone: false) : null;
            await using var process = await OrchestratorProcess.Start(settings, time, runIds, seed, log, isGuest: false, cancellationToken);
            return await WaitForTheEnd(process, endWithParent, streams, cancellationToken);
        }
        catch (RefusedException e)
        {
            log.Fatal("{Reason}", e.Message);
            return ExitCodes.Refused;
        }
        catch (ServeException e)
        {
            log.Fatal("{Reason}", e.Message);
            return ExitCodes.Failed;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.Fatal(e, "The process cannot continue");
            return ExitCodes.Failed;
        }
    }

    private static async Task<int> WaitForTheEnd(
        OrchestratorProcess process, bool endWithParent, CliStreams streams, CancellationToken cancellationToken)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellationToken.Register(() => told.TrySetResult());
        if (endWithParent)
        {
            _ = Task.Run(() => WaitForEndOfInput(told), CancellationToken.None);
        }

        await Task.WhenAny(told.Task, process.Ended);
        if (told.Task.IsCompleted)
        {
            await process.Stop();
            return ExitCodes.Done;
        }

        streams.Output(OutputFormat.Text).Remark(process.WasRemoved
            ? $"This process was removed from the cluster: {process.WhyRemoved} Its files were closed properly. Start it again to rejoin."
            : "The actor system has stopped by itself; the log has the reason. Start the process again.");
        return ExitCodes.Failed;
    }

    private static async Task WaitForEndOfInput(TaskCompletionSource ended)
    {
        var input = Console.OpenStandardInput();
        var buffer = new byte[256];
        while (await input.ReadAsync(buffer) > 0)
        {
        }

        ended.TrySetResult();
    }
}
