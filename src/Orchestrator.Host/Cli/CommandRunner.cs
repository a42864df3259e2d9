using System.CommandLine;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Documents;

namespace Orchestrator.Host.Cli;

/// <summary>Runs the work of a client command and turns how it ends into an exit code and one sentence.</summary>
internal sealed class CommandRunner(CommonOptions common, CliStreams streams)
{
    public CommonOptions Common => common;

    public CliOutput Output(ParseResult parsed) => streams.Output(parsed.GetValue(common.Output));

    /// <summary>Work that talks to a server.</summary>
    public Task<int> WithClient(
        ParseResult parsed,
        CancellationToken cancellationToken,
        Func<OrchestratorClient, CliOutput, Task<int>> work) => Guard(Output(parsed), cancellationToken, async output =>
        {
            using var client = new OrchestratorClient(parsed.GetValue(common.Server)!, OrchestratorClient.DefaultTimeout, followRedirects: true);
            return await work(client, output);
        });

    /// <summary>Any work.</summary>
    public static async Task<int> Guard(CliOutput output, CancellationToken cancellationToken, Func<CliOutput, Task<int>> work)
    {
        // System.CommandLine watches for signals only once the action has given its task back: nothing may happen before.
        await Task.Yield();
        try
        {
            return await work(output);
        }
        catch (ApiException e)
        {
            output.Error(e.Message, e.Problem);
            return ExitCodes.For(e);
        }
        catch (ServerUnreachableException e)
        {
            output.Error(e.Message);
            return ExitCodes.Unreachable;
        }
        catch (TimeoutException e)
        {
            output.Error(e.Message);
            return ExitCodes.Unreachable;
        }
        catch (UsageException e)
        {
            output.Error(e.Message);
            return ExitCodes.Usage;
        }
        catch (InputException e)
        {
            output.Error(e.Message);
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            output.Error("Interrupted.");
            return ExitCodes.Failed;
        }
    }
}

/// <summary>The process's streams; tests give their own.</summary>
/// <param name="IsTerminal">Whether a person watches <paramref name="Out"/>.</param>
internal sealed record CliStreams(TextWriter Out, TextWriter Error, bool IsTerminal)
{
    public CliOutput Output(OutputFormat format) => new(Out, Error, format, IsTerminal);
}
