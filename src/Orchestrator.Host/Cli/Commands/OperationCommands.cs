using System.CommandLine;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>schedules</c> and <c>explain</c>.</summary>
internal static class OperationCommands
{
    public static IEnumerable<Command> Create(CommandRunner runner) => [Schedules(runner), Explain(runner)];

    private static Command Schedules(CommandRunner runner)
    {
        var name = new Argument<string?>("NAME") { Description = "Only this schedule.", Arity = ArgumentArity.ZeroOrOne }
            .Offering(runner.Common, Completions.Schedules);
        var command = ClientCommand.Create(
            runner,
            "schedules",
            "Lists the schedules: their rules and windows, what each does now, and when its windows open next.",
            async (parsed, client, output, cancellationToken) =>
            {
                var list = await client.Schedules(cancellationToken);
                if (parsed.GetValue(name) is { } wanted)
                {
                    var names = list.Schedules.Select(schedule => schedule.Name).ToList();
                    list = names.Contains(wanted)
                        ? list with { Schedules = [.. list.Schedules.Where(schedule => schedule.Name == wanted)] }
                        : throw ApiException.NotFound(
                            $"There is no schedule '{wanted}'; {(names.Count > 0 ? $"known: {string.Join(", ", names)}" : "none is configured")}.");
                }

                output.Result(list, () => ApiJson.Context.ScheduleListDto, console => OperationText.Write(console, list));
                return ExitCodes.Done;
            });
        command.Arguments.Add(name);
        return command.WithExamples(
            "orchestrator schedules", "orchestrator schedules nightly", "orchestrator schedules --output json | jq '.schedules[].nextOpenings[0]'");
    }

    private static Command Explain(CommandRunner runner)
    {
        var clusterName = new Argument<string?>("CLUSTER")
        {
            Description = "Name of the cluster (or use --cluster). Not needed if the server has only one.",
            Arity = ArgumentArity.ZeroOrOne,
        }.Offering(runner.Common, question => question.Cluster is null ? Completions.Clusters(question) : Completions.Units(question));
        var unitName = new Argument<string?>("DATABASE[/COLLECTION]")
        {
            Description = "Only this database or collection.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        unitName.Offering(runner.Common, question => question.Line.GetValue(runner.Common.Cluster) is null
            ? Completions.Units(question with { Cluster = question.Line.GetValue(clusterName) })
            : Completions.Nothing);
        var command = ClientCommand.Create(
            runner,
            "explain",
            "For each unit: when it was last compacted and what that freed, why not since then, what happens next and when.",
            async (parsed, client, output, cancellationToken) =>
            {
                // With --cluster what stands alone is a unit, without it a cluster, unless a slash says that it cannot be one.
                var given = new[] { parsed.GetValue(clusterName), parsed.GetValue(unitName) }.OfType<string>().ToList();
                var named = parsed.GetValue(runner.Common.Cluster);
                if (given.Count > (named is null ? 2 : 1))
                {
                    throw new UsageException($"The cluster is named twice: --cluster {named} and {given[0]}.");
                }

                var namesCluster = named is null && given.Count > 0 && !given[0].Contains('/', StringComparison.Ordinal);
                if (!namesCluster && given.Count > 1)
                {
                    throw new UsageException($"'{given[0]}' is not the name of a cluster.");
                }

                var cluster = namesCluster ? given[0] : await runner.Common.ClusterName(parsed, client, cancellationToken);
                var unit = given.ElementAtOrDefault(namesCluster ? 1 : 0);
                var parts = unit?.Split('/', 2) ?? [];
                if (parts.Any(name => name.Length == 0))
                {
                    throw new UsageException($"'{unit}' must be DATABASE or DATABASE/COLLECTION.");
                }

                var explanation = await client.Explain(cluster, parts.ElementAtOrDefault(0), parts.ElementAtOrDefault(1), cancellationToken);
                output.Result(explanation, () => ApiJson.Context.ExplanationDto, console => ExplainText.Write(console, explanation));
                return ExitCodes.Done;
            });
        command.Arguments.Add(clusterName);
        command.Arguments.Add(unitName);
        command.Options.Add(runner.Common.Cluster);
        return command.WithExamples(
            "orchestrator explain main", "orchestrator explain main shop/orders", "orchestrator explain --config kube.conf --cluster kube");
    }
}
