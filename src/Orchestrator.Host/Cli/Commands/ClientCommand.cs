using System.CommandLine;
using Orchestrator.Host.Cli.ApiClient;

namespace Orchestrator.Host.Cli.Commands;

/// <summary>Makes commands that talk to a server.</summary>
internal static class ClientCommand
{
    /// <summary>A command with the shared options.</summary>
    public static Command Create(
        CommandRunner runner,
        string name,
        string description,
        Func<ParseResult, OrchestratorClient, CliOutput, CancellationToken, Task<int>> work)
    {
        var command = new Command(name, description)
        {
            runner.Common.Server,
            runner.Common.Config,
            runner.Common.Verbose,
            runner.Common.TokenFile,
            runner.Common.Authorities,
            runner.Common.Output,
        };
        command.Validators.Add(runner.Common.RefuseBothServerAndConfig);
        command.SetAction((parsed, cancellationToken) => runner.WithClient(
            parsed, cancellationToken, (client, output) => work(parsed, client, output, cancellationToken)));
        return command;
    }
}
