using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.RavenDb;

/// <summary>What an order must be, and what a node must be for it.</summary>
internal static class RavenDbOrders
{
    public static bool IsDocuments(StorageUnit unit) => unit is DatabaseUnit;

    /// <summary>The units as they are compacted: indexes first, while the database serves, then the documents, for which it goes offline.</summary>
    /// <exception cref="EngineException">The order cannot be carried out.</exception>
    public static IReadOnlyList<UnitSize> Check(JobOrder order, string node)
    {
        if (order.Units.FirstOrDefault(size => size.Unit is not (DatabaseUnit or ViewUnit { Range: "" })) is { } strange)
        {
            throw new EngineException(EngineFault.Failed, $"RavenDB compacts the documents of a database and its indexes, not {strange.Unit.Path}");
        }

        if (order.Units.Select(size => size.Unit.Database).Distinct().Count() != 1)
        {
            throw new EngineException(EngineFault.Failed, $"one order to {node} compacts one database, not {order.Units.Count} units of several or none");
        }

        if (order.Settings.Mode == RavenDbCapabilities.Indexes && order.Units.Any(size => IsDocuments(size.Unit)))
        {
            throw new EngineException(EngineFault.Failed, $"the mode {RavenDbCapabilities.Indexes} compacts no documents");
        }

        return [.. order.Units.OrderBy(size => IsDocuments(size.Unit))];
    }

    /// <summary>The last look before the work: the preferred node is touched only when that was forced.</summary>
    public static async Task Admit(JobOrder order, RavenDbMember member, CancellationToken cancellationToken)
    {
        var name = order.Units[0].Unit.Database;
        var database = await member.Calls.Database(name, cancellationToken).ConfigureAwait(false)
            ?? throw new EngineException(EngineFault.WrongState, $"{member.Name} knows no database {name}");
        var group = database.NodesTopology;
        var problem = database switch
        {
            _ when group is null || !group.All.Contains(member.Name) => $"{name} does not reside on {member.Name}",
            { IsCompacting: true } => $"{member.Name} compacts {name} already; wait until that has ended",
            { Disabled: true } => $"{name} is disabled; enable it first",
            { LoadError.Length: > 0 } => $"{name} does not load on {member.Name}: {RavenDbErrors.FirstLine(database.LoadError)}",
            { IsBeingDeleted: true } => $"{name} is being deleted",
            _ when group.Preferred == member.Name && group.All.Count > 1 && !order.Settings.Force =>
                $"{member.Name} is the preferred node of {name} now; its clients must be moved first",
            _ => "",
        };
        if (problem.Length > 0)
        {
            throw new EngineException(EngineFault.WrongState, problem);
        }

        var wanted = order.Units.Select(size => size.Unit.IndexName).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (wanted.Count > 0)
        {
            var indexes = await member.Calls.Indexes(name, cancellationToken).ConfigureAwait(false);
            if (indexes.FirstOrDefault(index => index.IsCorax && wanted.Contains(index.Name)) is { } corax)
            {
                throw new EngineException(EngineFault.Failed, $"index {corax.Name} of {name} is of the engine Corax, which RavenDB cannot compact");
            }
        }
    }
}
