using System.CommandLine;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary>The kill switch: <c>freeze</c>, <c>unfreeze</c>, <c>freezes</c>.</summary>
internal static class FreezeCommands
{
    public static IEnumerable<Command> Create(CommandRunner runner, TimeProvider time) =>
    [
        Freeze(runner, time),
        Unfreeze(runner),
        ClientCommand.Create(
            runner,
            "freezes",
            "Lists the freezes in force, with who, why and until when.",
            async (_, client, output, cancellationToken) =>
            {
                Show(output, await client.Freezes(cancellationToken));
                return ExitCodes.Done;
            }).WithExamples("orchestrator freezes"),
    ];

    private static Command Freeze(CommandRunner runner, TimeProvider time)
    {
        var cluster = Cluster(runner, Completions.Clusters);
        var reason = new Option<string>("--reason") { Description = "The reason, shown to everybody.", HelpName = "TEXT", Required = true };
        var until = new Option<DateTimeOffset?>("--until")
        {
            Description = "When it ends by itself, for example 2026-02-01T06:00:00Z. Without it only 'unfreeze' ends it.",
            HelpName = "TIME",
            CustomParser = result => Times.Read(result.Tokens[^1].Value)
                ?? CommonOptions.Fail<DateTimeOffset?>(
                    result, $"--until must be a time with its offset from UTC, such as 2026-02-01T06:00:00Z, not '{result.Tokens[^1].Value}'."),
        };
        var length = UnitOptions.Duration("--for", "The same as a duration, for example 90m, 12h, 3d.", "90m, 12h or 3d");
        var replace = new Option<bool>("--replace") { Description = "Takes the place of a freeze that is in force. Without it that one stays." };
        var command = ClientCommand.Create(
            runner,
            "freeze",
            "The kill switch: nothing new starts, in one cluster or everywhere. Running steps finish, then their runs wait.",
            async (parsed, client, output, cancellationToken) =>
            {
                var end = parsed.GetValue(length) is { } time2 ? time.GetUtcNow() + time2 : parsed.GetValue(until);
                Show(output, await client.StartFreeze(new FreezeBody(parsed.GetValue(cluster), parsed.GetValue(reason)!, end, parsed.GetValue(replace)), cancellationToken));
                return ExitCodes.Done;
            });
        command.Validators.Add(result =>
        {
            if (result.GetResult(until) is not null && result.GetResult(length) is not null)
            {
                result.AddError("Give --until or --for, not both.");
            }
        });
        command.Arguments.Add(cluster);
        foreach (var option in (Option[])[reason, until, length, replace])
        {
            command.Options.Add(option);
        }

        return command.WithExamples(
            "orchestrator freeze --reason 'incident 4711'", "orchestrator freeze main --reason 'release' --for 12h");
    }

    private static Command Unfreeze(CommandRunner runner)
    {
        var cluster = Cluster(runner, Completions.FrozenClusters);
        var command = ClientCommand.Create(
            runner,
            "unfreeze",
            "Lifts the freeze of one cluster, or the freeze of everything. Lifting one does not lift the other.",
            async (parsed, client, output, cancellationToken) =>
            {
                Show(output, await client.LiftFreeze(parsed.GetValue(cluster), cancellationToken));
                return ExitCodes.Done;
            });
        command.Arguments.Add(cluster);
        return command.WithExamples("orchestrator unfreeze", "orchestrator unfreeze main");
    }

    private static Argument<string?> Cluster(CommandRunner runner, NamesOf names) => new Argument<string?>("CLUSTER")
    {
        Description = "Name of the cluster; without it everything.",
        Arity = ArgumentArity.ZeroOrOne,
    }.Offering(runner.Common, names);

    private static void Show(CliOutput output, FreezeListDto list) =>
        output.Result(list, () => ApiJson.Context.FreezeListDto, console => OperationText.Write(console, list));
}
