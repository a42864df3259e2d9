using System.CommandLine;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Documents;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Cli;

/// <summary>Runs the work of a client command and turns how it ends into an exit code and one sentence.</summary>
/// <param name="common">The shared options.</param>
/// <param name="streams">The process's streams.</param>
/// <param name="time">The clock.</param>
/// <param name="startLocal">Starts the server of <c>--config</c>; null where there is none.</param>
internal sealed class CommandRunner(CommonOptions common, CliStreams streams, TimeProvider time, StartLocalServer? startLocal)
{
    public CommonOptions Common => common;

    /// <summary>Who uses this machine's account; never empty.</summary>
    public static string UserName => Environment.UserName is { Length: > 0 } name ? name : "somebody";

    public CliOutput Output(ParseResult parsed) => streams.Output(parsed.GetValue(common.Output));

    /// <summary>Work that talks to a server, or with <c>--config</c> to one in this very process.</summary>
    public Task<int> WithClient(
        ParseResult parsed,
        CancellationToken cancellationToken,
        Func<OrchestratorClient, CliOutput, Task<int>> work) => Guard(Output(parsed), cancellationToken, async output =>
        {
            if (parsed.GetValue(common.Config) is not { } configFile)
            {
                using var client = new OrchestratorClient(
                    parsed.GetValue(common.Server)!, OrchestratorClient.DefaultTimeout, followRedirects: true, common.Identity(parsed));
                return await work(client, output);
            }

            if (startLocal is null)
            {
                throw new UsageException("--config is not possible here; use --server.");
            }

            await using var local = await startLocal(configFile, parsed.GetValue(common.Verbose), cancellationToken);
            var identity = new ClientIdentity(local.Token, UserName, common.Identity(parsed).Authorities);
            using var localClient = new OrchestratorClient(local.Address, OrchestratorClient.DefaultTimeout, followRedirects: true, identity);
            await LocalReadiness.Wait(localClient, time, cancellationToken);
            return await work(localClient, output);
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
            output.Error(OptionNames.Sentence(e.Problem), e.Problem);
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
        catch (Exception e) when (e is UsageException or FileException)
        {
            output.Error(e.Message);
            return ExitCodes.Usage;
        }
        catch (RefusedException e)
        {
            output.Error(e.Message);
            return ExitCodes.Refused;
        }
        catch (ServeException e)
        {
            output.Error(e.Message);
            return ExitCodes.Failed;
        }
        catch (InputException e)
        {
            output.Error(e.Message);
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            output.Error(e is InterruptedException ? e.Message : "Interrupted.");
            return ExitCodes.Failed;
        }
    }
}

/// <summary>The process's streams; tests give their own.</summary>
/// <param name="IsTerminal">Whether a person watches <paramref name="Out"/>.</param>
internal sealed record CliStreams(TextWriter Out, TextWriter Error, bool IsTerminal)
{
    /// <summary>Characters on a line of <see cref="Out"/>; null: the terminal's, or without a terminal no limit.</summary>
    public int? Width { get; init; }

    /// <summary>Characters on a line of <see cref="Error"/>; null: no limit.</summary>
    public int? ErrorWidth { get; init; }

    public CliOutput Output(OutputFormat format) => new(this, format);
}
