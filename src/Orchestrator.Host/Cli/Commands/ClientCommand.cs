using System.CommandLine;
using System.CommandLine.Parsing;
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
        command.Validators.Add(RefuseEmptyNames);
        command.SetAction((parsed, cancellationToken) => runner.WithClient(
            parsed, cancellationToken, (client, output) => work(parsed, client, output, cancellationToken)));
        return command;
    }

    /// <summary>An empty name comes of a variable of the shell that is not set; it would address something else.</summary>
    private static void RefuseEmptyNames(CommandResult command)
    {
        foreach (var symbol in command.Children)
        {
            var (name, isName, tokens) = symbol switch
            {
                OptionResult { Option: var option } given => (option.Name, option.HelpName is "NAME" or "NODE" or "MODE", given.Tokens),
                ArgumentResult { Argument: var argument } given => (argument.Name, true, given.Tokens),
                _ => ("", false, []),
            };
            if (isName && tokens.Any(token => token.Value.Length == 0))
            {
                command.AddError($"{name} must not be empty.");
            }
        }
    }
}
