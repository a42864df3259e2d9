using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.RavenDb;

/// <summary>Sizes of the documents and indexes of a node's databases, and what compacting each would free.</summary>
internal sealed class RavenDbInventory(string node, RavenDbCalls calls, RavenDbClusterOptions options)
{
    /// <summary>The speed that estimates assume, in bytes of a file per second.</summary>
    private const double AssumedBytesPerSecond = 64 << 20;

    public async Task<MemberInventory> Take(InventoryRequest request, CancellationToken cancellationToken)
    {
        var units = new List<UnitEstimate>();
        var databases = await calls.Databases(cancellationToken).ConfigureAwait(false);

        // One after another: each report reads the whole layout of its database's files.
        foreach (var database in databases.Where(database => !database.IsSharded && database.NodesTopology?.All.Contains(node) == true))
        {
            var reason = WhyNot(database);
            units.AddRange(reason.Length > 0
                ? [Refused(new UnitSize(new DatabaseUnit(database.Name), 0, 0, 0), reason)]
                : await Measure(database.Name, request, cancellationToken).ConfigureAwait(false));
        }

        return new MemberInventory([.. units.Select(unit => unit with { ReplicaSet = unit.Size.Unit.Database })]);
    }

    /// <summary>Sizes of one database's documents and indexes, by unit.</summary>
    public static IReadOnlyDictionary<StorageUnit, UnitSize> Sizes(string database, StorageReport report) =>
        (report.Results ?? [])
            .Where(environment => environment.Report?.DataFile is not null && environment.Type is "Documents" or "Index")
            .Select(environment => SizeOf(
                environment.Type == "Index" ? new ViewUnit(database, "", environment.Name) : new DatabaseUnit(database), environment.Report!.DataFile!))
            .DistinctBy(size => size.Unit)
            .ToDictionary(size => size.Unit);

    private static UnitSize SizeOf(StorageUnit unit, DataFileReport file) => new(
        unit, file.AllocatedSpaceInBytes, Math.Max(0, file.AllocatedSpaceInBytes - file.FreeSpaceInBytes), file.AllocatedSpaceInBytes);

    private string WhyNot(DatabaseInfo database) => database switch
    {
        { IsCompacting: true } => "it is being compacted now",
        { Disabled: true } => "the database is disabled",
        { LoadError.Length: > 0 } => $"the database does not load: {RavenDbErrors.FirstLine(database.LoadError)}",
        { IsBeingDeleted: true } => "the database is being deleted",
        { UpTime: null } when !options.LoadsIdleDatabases =>
            $"the node has unloaded it, and it is not loaded just to be measured (clusters.{options.Name}.load-idle-databases = on does that)",
        _ => "",
    };

    private async Task<IReadOnlyList<UnitEstimate>> Measure(string database, InventoryRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var report = await calls.Storage(database, cancellationToken).ConfigureAwait(false);
            var indexes = (await calls.Indexes(database, cancellationToken).ConfigureAwait(false)).ToDictionary(index => index.Name, StringComparer.Ordinal);
            var record = await calls.Record(database, cancellationToken).ConfigureAwait(false);
            return
            [
                .. Sizes(database, report).Values.Select(size => Estimate(size) with
                {
                    // Documents that are not compressed yet will be: what that frees nobody knows before.
                    Sampled = size.Unit.IndexName is null && record.Compresses,
                    Refusal = size.Unit.IndexName is { } name ? AgainstIndex(indexes.GetValueOrDefault(name)) : AgainstDocuments(request),
                }),
            ];
        }
        catch (RavenDbRefusal refusal) when (refusal.IsTransient || refusal.IsMissing)
        {
            return [Refused(new UnitSize(new DatabaseUnit(database), 0, 0, 0), $"it cannot be measured now: {RavenDbErrors.FirstLine(refusal.Message)}")];
        }
    }

    private static UnitEstimate Estimate(UnitSize size) =>
        new(size, size.ReclaimableBytes, size.LiveBytes, TimeSpan.FromSeconds(size.LiveBytes / AssumedBytesPerSecond));

    private static string AgainstDocuments(InventoryRequest request) =>
        request.Mode == RavenDbCapabilities.Indexes ? $"the mode {RavenDbCapabilities.Indexes} compacts no documents" : "";

    private static string AgainstIndex(IndexInfo? index) => index switch
    {
        { IsCorax: true } => "an index of the engine Corax: RavenDB cannot compact it, and gives up what comes after it",
        { Type: "MapReduce" or "AutoMapReduce" or "JavaScriptMapReduce" } => "a map-reduce index: RavenDB only optimises it, which frees nothing",
        _ => "",
    };

    private static UnitEstimate Refused(UnitSize size, string reason) => new(size, 0, 0, TimeSpan.Zero) { Refusal = reason };
}
