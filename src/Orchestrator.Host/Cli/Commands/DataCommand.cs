using System.CommandLine;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Composition;

namespace Orchestrator.Host.Cli.Commands;

/// <summary>Makes commands that talk to a node which holds data.</summary>
internal static class DataCommand
{
    /// <summary>A command with the shared options, whose client reaches the primary: with <c>--config</c> this process hosts no node.</summary>
    public static Command Create(
        CommandRunner runner,
        string name,
        string description,
        Func<ParseResult, OrchestratorClient, CliOutput, CancellationToken, Task<int>> work)
    {
        var command = ClientCommand.Create(runner, name, description, async (parsed, client, output, cancellationToken) =>
        {
            using var primary = parsed.GetValue(runner.Common.Config) is null
                ? null
                : await Primary(runner.Common, parsed, client, name, cancellationToken);
            return await work(parsed, primary ?? client, output, cancellationToken);
        });
        command.Options.Add(runner.Common.Cluster);
        return command;
    }

    /// <exception cref="UsageException">The cluster has no nodes of ours.</exception>
    /// <exception cref="ServerUnreachableException">There is no primary now.</exception>
    private static async Task<OrchestratorClient> Primary(
        CommonOptions common, ParseResult parsed, OrchestratorClient client, string command, CancellationToken cancellationToken)
    {
        // Of the whole list, since a cluster that does not answer is told of there too.
        var name = await common.ClusterName(parsed, client, cancellationToken);
        var cluster = (await client.Clusters(cancellationToken)).Clusters.FirstOrDefault(one => one.Name == name)
            ?? throw ApiException.NotFound($"There is no cluster '{name}'.");
        var builtIn = EngineProviders.All.BuiltIn.Description.Name;
        if (cluster.Engine != builtIn)
        {
            throw new UsageException($"Cluster {cluster.Name} has the engine {cluster.Engine}; {command} is for documents of the {builtIn} engine only.");
        }

        var primary = cluster.ReplicaSets.SelectMany(set => set.Members.Where(member => member.Node == set.Primary)).FirstOrDefault();
        return Uri.TryCreate(primary?.Address, UriKind.Absolute, out var address)
            ? new OrchestratorClient(address, OrchestratorClient.DefaultTimeout, followRedirects: true, common.Identity(parsed))
            : throw new ServerUnreachableException($"Cluster {cluster.Name} has no primary now; try again.");
    }
}
