using System.CommandLine;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>nodes</c>: who is there, in which role and state.</summary>
internal static class NodesCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = ClientCommand.Create(
            runner,
            "nodes",
            "Shows every node with its role, state and lag, as the supervisor last observed it.",
            async (parsed, client, output, cancellationToken) =>
            {
                var list = parsed.GetValue(runner.Common.Cluster) is { } cluster
                    ? new ClusterListDto([await client.Cluster(cluster, cancellationToken)])
                    : await client.Clusters(cancellationToken);
                output.Result(list, () => ApiJson.Context.ClusterListDto, console => ClusterText.Write(console, list.Clusters));

                // Of a single cluster that cannot be reached the server says so itself.
                return list.Clusters.Count > 0 && list.Clusters.All(shown => shown.Trouble is not null) ? ExitCodes.Unreachable : ExitCodes.Done;
            });
        command.Options.Add(runner.Common.Cluster);
        return command.WithExamples("orchestrator nodes", "orchestrator nodes --cluster main --output json");
    }
}
