using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.RavenDb;

/// <summary>
/// Makes another node the preferred one of a database group: the two change places in its order, or in the one that an administrator has
/// fixed. Doing that again gives exactly the order of before, fixed or not.
/// </summary>
internal sealed class RavenDbReorder(RavenDbMember preferred, RavenDbRoster roster)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    private RavenDbClusterOptions Options => roster.Options;

    /// <returns>0: database groups have no terms.</returns>
    public async Task<long> Run(string database, string to, CancellationToken cancellationToken)
    {
        var target = roster.Node(to);
        var group = await Group(preferred, database, cancellationToken).ConfigureAwait(false);
        if (group.Preferred != preferred.Name)
        {
            throw new EngineException(EngineFault.WrongState, $"{preferred.Name} is not the preferred node of {database}; {group.Preferred} is");
        }

        if (group.Members?.Any(node => node.NodeTag == to) != true)
        {
            throw new EngineException(EngineFault.WrongState, $"{to} cannot take over {database}: it {(group.All.Contains(to) ? "is still catching up" : "has no copy of it")}");
        }

        if (await target.Calls.Database(database, cancellationToken).ConfigureAwait(false) is not { Disabled: false, LoadError: null or "" })
        {
            throw new EngineException(EngineFault.WrongState, $"{to} cannot take over {database}: it does not serve its copy");
        }

        await AwaitCaughtUp(target, database, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<string> order = [.. group.Order.Select(tag => tag == to ? preferred.Name : tag == preferred.Name ? to : tag)];
        if (order.First(tag => group.Members.Any(node => node.NodeTag == tag)) is var first && first != to)
        {
            throw new EngineException(
                EngineFault.WrongState, $"{first} comes first in the fixed order of {database}, and {preferred.Name} is preferred now: the cluster restores that order by itself");
        }

        await preferred.Calls.Reorder(database, new ReorderBody(order, group.IsFixed), cancellationToken).ConfigureAwait(false);
        await AwaitSeen(database, to, group.All, cancellationToken).ConfigureAwait(false);
        return 0;
    }

    /// <summary>A copy that was just compacted lacks what was written meanwhile; its new clients should not miss that.</summary>
    private async Task AwaitCaughtUp(RavenDbMember target, string database, CancellationToken cancellationToken)
    {
        var started = roster.Time.GetTimestamp();
        var wanted = await preferred.Calls.Statistics(database, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var lacks = (await target.Calls.Statistics(database, cancellationToken).ConfigureAwait(false)).Lacks(wanted);
            if (lacks == 0)
            {
                return;
            }

            if (roster.Time.GetElapsedTime(started) > Options.TransferTimeout)
            {
                throw new EngineException(
                    EngineFault.WrongState,
                    $"{target.Name} still lacks {lacks} changes of {database} after {Options.TransferTimeout.TotalSeconds:0} s (clusters.{Options.Name}.transfer-timeout)");
            }

            await Task.Delay(PollInterval, roster.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<NodesTopology> Group(RavenDbMember node, string database, CancellationToken cancellationToken) =>
        (await node.Calls.Database(database, cancellationToken).ConfigureAwait(false))?.NodesTopology
        ?? throw new EngineException(EngineFault.WrongState, $"{node.Name} knows no database {database}");

    /// <summary>The new order comes to each node by the cluster's log; a node that does not answer is not waited for.</summary>
    private async Task AwaitSeen(string database, string to, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        var started = roster.Time.GetTimestamp();
        foreach (var node in tags.Select(roster.Find).OfType<RavenDbMember>())
        {
            while (!await Sees(node, database, to, cancellationToken).ConfigureAwait(false))
            {
                if (roster.Time.GetElapsedTime(started) > Options.TransferTimeout)
                {
                    throw new EngineException(
                        EngineFault.WrongState, $"{node.Name} does not see {to} as the preferred node of {database} after {Options.TransferTimeout.TotalSeconds:0} s");
                }

                await Task.Delay(PollInterval, roster.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<bool> Sees(RavenDbMember node, string database, string to, CancellationToken cancellationToken)
    {
        try
        {
            return (await Group(node, database, cancellationToken).ConfigureAwait(false)).Preferred == to;
        }
        catch (EngineException e) when (e.Fault == EngineFault.Unreachable)
        {
            return true;
        }
    }
}
