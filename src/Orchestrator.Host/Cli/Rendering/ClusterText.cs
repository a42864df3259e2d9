using System.Globalization;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>Clusters and the storage report as text.</summary>
internal static class ClusterText
{
    private const int MostNames = 8;

    public static void Write(IAnsiConsole console, IReadOnlyList<ClusterDto> clusters)
    {
        foreach (var cluster in clusters)
        {
            console.Prose(
                $"Cluster {cluster.Name} ({cluster.Engine}), supervisor at {HostAndPort(cluster.SupervisorNode)}, "
                + $"{(cluster.ActiveRun is { } run ? $"run {run} is active" : "no active run")}");
            if (cluster.Trouble is { } trouble)
            {
                console.Prose($"The supervisor cannot manage its members: {trouble}");
            }

            foreach (var sets in Alike(cluster))
            {
                var set = sets[0];
                var isPrimarySilent = set.Members.Any(member => member.Node == set.Primary && member.State == "unreachable");
                console.Prose(sets.Count > 1
                    ? $"Replica sets {Names(sets)}, without a primary"
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"Replica set {set.Name}, {(set.Term > 0 ? $"term {set.Term}, " : "")}{(set.Primary is { } primary ? $"primary {primary}" : "without a primary")}{(isPrimarySilent ? " (unreachable)" : "")}"));
                if (set.Trouble is { } problem)
                {
                    console.Prose($"WARNING: {problem}.");
                }

                console.Write(MemberTable(set));
            }

            console.WriteLine();
        }
    }

    public static void Write(IAnsiConsole console, ReportDto report)
    {
        var table = Tables.Create("Node", "Unit", ">File", ">Live", ">On disk", ">Frees", ">Fragmented", "Last compacted", ">Grown since");
        foreach (var node in report.Nodes)
        {
            Row(table, node.Node, "all", node.Size, node.LastCompaction);
            foreach (var database in node.Databases)
            {
                // Of shards nobody knows by heart which belong together.
                if (database.Collections.All(collection => collection.Path.StartsWith(database.Database + "@", StringComparison.Ordinal)))
                {
                    Row(table, node.Node, database.Database, database.Size, database.LastCompaction);
                }

                foreach (var index in database.Indexes ?? [])
                {
                    Row(table, node.Node, $"{database.Database}#{index.Index}", index.Size, index.LastCompaction);
                }

                foreach (var collection in database.Collections)
                {
                    Row(table, node.Node, collection.Path, collection.Documents, collection.LastCompaction);
                    foreach (var index in collection.Indexes)
                    {
                        Row(table, node.Node, $"{collection.Path}#{index.Index}", index.Size, index.LastCompaction);
                    }
                }
            }
        }

        console.Prose($"Cluster {report.Cluster}, measured {Human.Time(report.TakenAt)}");
        console.Write(table);
        if (report.Databases is { } databases)
        {
            console.WriteLine();
            console.Write(DatabaseTable(databases));
        }

        foreach (var leftOut in report.Nodes.SelectMany(LeftOut).GroupBy(unit => (unit.Path, unit.Reason)))
        {
            console.Prose($"Left out: {leftOut.Key.Path} of {string.Join(", ", leftOut.Select(unit => unit.Node))}: {leftOut.Key.Reason}", 2);
        }

        foreach (var collection in report.Nodes.SelectMany(node => node.Databases).SelectMany(database => database.Collections).Where(collection => collection.Documents.Note is not null))
        {
            console.Prose($"{collection.Path}: {collection.Documents.Note}", 2);
        }

        foreach (var missing in report.Missing)
        {
            console.Prose($"{missing} did not answer; its sizes are missing.");
        }
    }

    /// <summary>Where members belong to many sets, those that show the same are shown together.</summary>
    private static IEnumerable<IReadOnlyList<ReplicaSetDto>> Alike(ClusterDto cluster) => cluster.ReplicaSets
        .GroupBy(set => set is { Term: 0, Primary: null, Trouble: null }
            ? string.Join('\n', set.Members.Select(member => $"{member.Node} {member.Role} {member.State} {member.LagChanges} {member.Reason}"))
            : set.Name)
        .Select(sets => sets.ToList());

    private static string Names(IReadOnlyList<ReplicaSetDto> sets) =>
        string.Join(", ", sets.Take(MostNames).Select(set => set.Name)) + (sets.Count > MostNames ? $" and {sets.Count - MostNames} others" : "");

    /// <summary>Of an address of the processes' own protocol what people need of it.</summary>
    private static string HostAndPort(string address) => address[(address.LastIndexOf('@') + 1)..];

    /// <summary>What compactions leave out whatever it would free, with the reason.</summary>
    private static IEnumerable<(string Node, string Path, string Reason)> LeftOut(NodeReportDto node) => node.Databases
        .SelectMany(database => Units(database.Database, database.LeftOut, database.Indexes ?? [])
            .Concat(database.Collections.SelectMany(collection => Units(collection.Path, collection.LeftOut, collection.Indexes))))
        .Select(unit => (node.Node, unit.Path, unit.Reason));

    private static IEnumerable<(string Path, string Reason)> Units(string path, string? reason, IReadOnlyList<IndexReportDto> indexes) => indexes
        .Select(index => (Path: $"{path}#{index.Index}", index.LeftOut))
        .Prepend((Path: path, LeftOut: reason))
        .Where(unit => unit.LeftOut is not null)
        .Select(unit => (unit.Path, unit.LeftOut!));

    private static FittedTable MemberTable(ReplicaSetDto set)
    {
        var table = Tables.Create("Node", "Role", "State", ">Term", ">Behind", ">Free disk", ">Quota", "Version", "Alarms", "Address", "Reason");
        foreach (var member in set.Members)
        {
            table.Row(
                member.Node,
                member.State == "unreachable" && member.Observed ? $"was {member.Role}" : member.Role,
                Tables.State(member.State),
                member.Term > 0 ? member.Term.ToString(CultureInfo.InvariantCulture) : "",
                member is { LagChanges: 0, LagSeconds: > 0 } ? Human.Duration(TimeSpan.FromSeconds(member.LagSeconds)) : Human.Count(member.LagChanges, "change"),
                member is { Observed: true, DiskFreeBytes: { } free, DiskTotalBytes: not 0 } ? Human.Bytes(free) : "?",
                member.QuotaBytes is { } quota ? Human.Bytes(quota) : "",
                member.Version ?? "",
                new Cell(string.Join(' ', member.Alarms ?? []), new Style(Color.Red)),
                member.Address,
                member.Reason);
        }

        return table;
    }

    /// <summary>Each database over all nodes.</summary>
    private static FittedTable DatabaseTable(IReadOnlyList<DatabaseTotalDto> databases)
    {
        var table = Tables.Create("Database", ">Copies", ">File", ">Live", ">Uncompressed", ">Views", ">Their files", ">Live in them", ">Stale indexes");
        foreach (var database in databases)
        {
            table.Row(
                database.Database,
                database.Copies.ToString(CultureInfo.InvariantCulture),
                Human.Bytes(database.Data.FileBytes),
                Human.Bytes(database.Data.LiveBytes),
                database.Data.ExternalBytes is { } external ? Human.Bytes(external) : "?",
                database.Views.ToString(CultureInfo.InvariantCulture),
                database.Views > 0 ? Human.Bytes(database.ViewSize.FileBytes) : "",
                database.Views > 0 ? Human.Bytes(database.ViewSize.LiveBytes) : "",
                database.Data.StaleIndexes is { } stale ? stale.ToString(CultureInfo.InvariantCulture) : "?");
        }

        return table;
    }

    private static void Row(FittedTable table, string node, string unit, SizeDto size, LastCompactionDto? last) => table.Row(
        node,
        unit,
        Human.Bytes(size.FileBytes),
        Human.Bytes(size.LiveBytes),
        Human.Bytes(size.PhysicalBytes),
        Human.Gain(size.ReclaimableBytes, size.Sampled),
        Human.Percent(size.Fragmentation),
        last is null ? "" : Human.Minute(last.At),
        last?.BytesGrown is { } grown ? Human.Change(grown) : "");
}
