using System.CommandLine;
using Orchestrator.Core;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Translation;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>engines</c>: which databases there are, and what each can do.</summary>
internal static class EnginesCommand
{
    public static Command Create(CommandRunner runner)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = $"One engine, with its modes, options and needs: {string.Join(", ", EngineProviders.All.Names)}.",
            HelpName = "NAME",
            Arity = ArgumentArity.ZeroOrOne,
        };
        name.CompletionSources.Add(EngineProviders.All.Names.ToArray());
        var command = ClientCommand.Create(
            runner,
            "engines",
            "Shows the engines: what each can do by mode, its options with range and default, what it needs, and what happens to a member "
            + "meanwhile. Without --server or --config (or environment ORCHESTRATOR_SERVER) those of this executable.",
            async (parsed, client, output, cancellationToken) => Show(output, await client.Engines(cancellationToken), parsed.GetValue(name)));
        var ask = command.Action!;
        command.SetAction((parsed, cancellationToken) => runner.Common.NamesServer(parsed)
            ? ((System.CommandLine.Invocation.AsynchronousCommandLineAction)ask).InvokeAsync(parsed, cancellationToken)
            : CommandRunner.Guard(
                runner.Output(parsed), cancellationToken, output => Task.FromResult(Show(output, EngineProviders.All.ToDto(), parsed.GetValue(name)))));
        command.Arguments.Add(name);
        return command.WithExamples("orchestrator engines", $"orchestrator engines {EngineProviders.All.BuiltIn.Description.Name}", "orchestrator engines --output json");
    }

    /// <exception cref="ApiException">There is no engine of that name.</exception>
    private static int Show(CliOutput output, EngineListDto list, string? name)
    {
        var shown = name is null ? list : new EngineListDto([.. list.Engines.Where(engine => engine.Name == name)]);
        if (shown.Engines.Count == 0)
        {
            throw ApiException.NotFound($"There is no engine '{name}'; {KnownNames.Of(list.Engines.Select(engine => engine.Name), "there is none")}.");
        }

        output.Result(shown, () => ApiJson.Context.EngineListDto, console =>
        {
            if (name is null)
            {
                EngineText.Write(console, shown.Engines);
            }
            else
            {
                EngineText.Write(console, shown.Engines[0]);
            }
        });
        return ExitCodes.Done;
    }
}
