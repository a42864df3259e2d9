using System.CommandLine;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>step-down</c>: moves the role of primary.</summary>
internal static class StepDownCommand
{
    public static Command Create(CommandRunner runner)
    {
        var replicaSet = new Option<string?>("--replica-set")
        {
            Description = "The replica set; not needed if the cluster has only one.",
            HelpName = "NAME",
        }.Offering(runner.Common, Completions.ReplicaSets);
        var expected = new Option<string?>("--expected-primary")
        {
            Description = "Refuse unless this member is the primary. Default: the current primary.",
            HelpName = "NODE",
        }.Offering(runner.Common, Completions.Nodes);
        var expectedFrom = new Option<string?>("--expected-primary-from")
        {
            Description = "The same, the member being the value of this environment variable: for hooks of pods, which no shell expands.",
            HelpName = "VARIABLE",
        };
        var to = new Option<string?>("--to") { Description = "The successor. Default: the most caught-up secondary.", HelpName = "NODE" }
            .Offering(runner.Common, Completions.Nodes);
        var command = ClientCommand.Create(
            runner,
            "step-down",
            "Moves the role of primary to another member: stops writes, waits until the successor has all of them, then appoints it.",
            async (parsed, client, output, cancellationToken) =>
            {
                var clusterName = await runner.Common.ClusterName(parsed, client, cancellationToken);
                var cluster = await client.Cluster(clusterName, cancellationToken);
                var set = Choose(cluster, parsed.GetValue(replicaSet));
                var primary = parsed.GetValue(expected) ?? Named(parsed.GetValue(expectedFrom)) ?? set.Primary
                    ?? throw new UsageException($"Replica set {set.Name} has no primary that could step down.");
                var done = await client.StepDown(
                    clusterName, set.Name, new StepDownBody(primary, parsed.GetValue(to)), cancellationToken);
                output.Result(done, () => ApiJson.Context.StepDownDto, console => console.Prose(
                    $"{done.OldPrimary} has stepped down; {done.NewPrimary} is primary of {done.ReplicaSet}{(done.Term > 0 ? $" in term {done.Term}" : "")}."));
                return ExitCodes.Done;
            });
        command.Options.Add(runner.Common.Cluster);
        command.Options.Add(replicaSet);
        command.Options.Add(expected);
        command.Options.Add(expectedFrom);
        command.Options.Add(to);
        return command.WithExamples("orchestrator step-down", "orchestrator step-down --expected-primary node-1 --to node-2");
    }

    /// <summary>Never nobody in place of the member that was meant: then whoever is primary would step down.</summary>
    private static string? Named(string? variable) => variable is null ? null
        : Environment.GetEnvironmentVariable(variable) is { Length: > 0 } member ? member
        : throw new UsageException($"--expected-primary-from {variable}: the environment has no {variable}.");

    private static ReplicaSetDto Choose(ClusterDto cluster, string? named)
    {
        if (named is not null)
        {
            return cluster.ReplicaSets.FirstOrDefault(set => set.Name == named)
                ?? throw ApiException.NotFound($"Cluster {cluster.Name} has no replica set '{named}'; it has {Names(cluster)}.");
        }

        return cluster.ReplicaSets is [var only]
            ? only
            : throw new UsageException(
                $"Name one of the replica sets with --replica-set: {Names(cluster)}.");
    }

    private static string Names(ClusterDto cluster) => string.Join(", ", cluster.ReplicaSets.Select(set => set.Name));
}
