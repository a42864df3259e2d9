using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.CouchDb;

/// <summary>Asks who the nodes are, which databases are large enough to be looked at, and where their shards are.</summary>
internal sealed class CouchDbDiscovery(CouchDbRoster roster)
{
    private const int AtOnce = 8;

    private CouchDbClusterOptions Options => roster.Options;

    public async Task<EngineTopology> Run(CancellationToken cancellationToken)
    {
        var cluster = roster.Calls("");
        roster.Endpoints.Version = CouchDbVersion.Read(await cluster.Welcome(cancellationToken).ConfigureAwait(false), Options);
        var nodes = await Nodes(cluster, cancellationToken).ConfigureAwait(false);
        if (nodes.Count == 0)
        {
            throw new EngineException(
                EngineFault.WrongState, $"{Options.Name} names no nodes in _membership: finish its cluster setup first");
        }

        roster.Endpoints.NodesInOrder = nodes;
        var names = await cluster.Databases(cancellationToken).ConfigureAwait(false);
        var infos = await cluster.Infos(names, cancellationToken).ConfigureAwait(false);
        var databases = await Shards(
            cluster, infos.Where(info => info.Sizes.File >= Options.MinFileBytes).Select(info => info.Name), cancellationToken).ConfigureAwait(false);

        // A node that has left the cluster may still stand in the map of a database.
        var members = nodes.Union(databases.SelectMany(database => database.Ranges.Values).SelectMany(copies => copies)).ToList();
        roster.Update(members, databases);
        return new EngineTopology(
            [.. Sets(nodes, databases)],
            members.ToDictionary(node => node, node => roster.Endpoints.AddressOf(node)?.ToString().TrimEnd('/') ?? ""));
    }

    private async Task<IReadOnlyList<string>> Nodes(CouchDbCalls cluster, CancellationToken cancellationToken)
    {
        if (roster.Endpoints.Version.IsSingle)
        {
            return [roster.Endpoints.NameSingle()];
        }

        var membership = await cluster.Membership(cancellationToken).ConfigureAwait(false);
        var nodes = membership.TextsOf("cluster_nodes").Order(StringComparer.Ordinal).ToList();
        await Task.WhenAll(roster.Endpoints.Clients.Select(client => Identify(client, nodes, cancellationToken))).ConfigureAwait(false);
        return nodes;
    }

    /// <summary>Nodes that hold nothing large stand in a set that is named like the cluster, so that they are shown.</summary>
    private IEnumerable<ReplicaSetDefinition> Sets(IReadOnlyList<string> nodes, IReadOnlyList<CouchDbDatabase> databases)
    {
        var idle = nodes.ToHashSet(StringComparer.Ordinal);
        foreach (var database in databases)
        {
            foreach (var (range, copies) in database.Ranges.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                idle.ExceptWith(copies);
                yield return new ReplicaSetDefinition(CouchDbDatabase.SetOf(database.Name, range), copies);
            }
        }

        if (idle.Count > 0)
        {
            yield return new ReplicaSetDefinition(Options.Name, [.. nodes.Where(idle.Contains)]);
        }
    }

    private async Task Identify(CouchDbClient client, IReadOnlyList<string> nodes, CancellationToken cancellationToken)
    {
        try
        {
            var name = await roster.Endpoints.Identify(client, cancellationToken).ConfigureAwait(false);
            if (name.Length > 0 && !nodes.Contains(name))
            {
                throw new EngineException(
                    EngineFault.Misconfigured,
                    $"{client.Address.Authority} is node {name}, which is not one of the nodes of {Options.Name} ({string.Join(", ", nodes)}): "
                    + $"correct clusters.{Options.Name}.endpoints, which must all be of one cluster");
            }
        }
        catch (EngineException e) when (e.Fault == EngineFault.Unreachable)
        {
            // The others pass on what is meant for it.
        }
    }

    private static async Task<IReadOnlyList<CouchDbDatabase>> Shards(CouchDbCalls cluster, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(AtOnce);
        var databases = await Task.WhenAll(names.Select(async name =>
        {
            await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await cluster.Database(name, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                slots.Release();
            }
        })).ConfigureAwait(false);
        return [.. databases.OfType<CouchDbDatabase>().Where(database => database.Ranges.Count > 0).OrderBy(database => database.Name, StringComparer.Ordinal)];
    }
}
