using System.Globalization;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>Clusters and the storage report as text.</summary>
internal static class ClusterText
{
    public static void Write(IAnsiConsole console, IReadOnlyList<ClusterDto> clusters)
    {
        foreach (var cluster in clusters)
        {
            console.WriteLine(
                $"Cluster {cluster.Name} ({cluster.Engine}), supervisor at {cluster.SupervisorNode}, "
                + $"{(cluster.ActiveRun is { } run ? $"run {run} is active" : "no active run")}");
            if (cluster.Trouble is { } trouble)
            {
                console.WriteLine($"Its members are not known: {trouble}");
            }

            foreach (var set in cluster.ReplicaSets)
            {
                console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"Replica set {set.Name}, term {set.Term}, primary {set.Primary ?? "none yet"}"));
                console.Write(MemberTable(set));
            }

            console.WriteLine();
        }
    }

    public static void Write(IAnsiConsole console, ReportDto report)
    {
        var table = Tables.Create("Node", "Database", "Collection", "Unit", ">File", ">Live", ">On disk", ">Reclaimable", ">Fragmented");
        foreach (var node in report.Nodes)
        {
            Row(table, [node.Node, "*", "*", "*"], node.Size);
            foreach (var database in node.Databases)
            {
                if (database.Collections.Count == 0)
                {
                    Row(table, [node.Node, database.Database, "*", "*"], database.Size);
                }

                foreach (var collection in database.Collections)
                {
                    Row(table, [node.Node, database.Database, collection.Collection, "documents"], collection.Documents);
                    foreach (var index in collection.Indexes)
                    {
                        Row(table, [node.Node, database.Database, collection.Collection, $"index {index.Index}"], index.Size);
                    }
                }
            }
        }

        console.WriteLine($"Cluster {report.Cluster}, measured {Human.Time(report.TakenAt)}");
        console.Write(table);
        foreach (var missing in report.Missing)
        {
            console.WriteLine($"{missing} did not answer; its sizes are missing.");
        }
    }

    private static Table MemberTable(ReplicaSetDto set)
    {
        var hasVersions = set.Members.Any(member => member.Version is not null);
        var hasQuotas = set.Members.Any(member => member.QuotaBytes is not null);
        var hasAlarms = set.Members.Any(member => member.Alarms is { Count: > 0 });
        var table = Tables.Create(
        [
            "Node", "Role", "State", ">Term", ">Behind", ">Free disk",
            .. Only(hasQuotas, ">Quota"), .. Only(hasVersions, "Version"), .. Only(hasAlarms, "Alarms"), "Address", "Reason",
        ]);
        foreach (var member in set.Members)
        {
            table.AddRow(
            [
                new Text(member.Node),
                new Text(member.Role),
                Tables.State(member.State),
                new Text(member.Term.ToString(CultureInfo.InvariantCulture)),
                new Text(Human.Count(member.LagChanges, "change")),
                new Text(member.Observed ? Known(member.DiskFreeBytes) : "?"),
                .. Only(hasQuotas, new Text(Known(member.QuotaBytes))),
                .. Only(hasVersions, new Text(member.Version ?? "?")),
                .. Only(hasAlarms, new Text(string.Join(' ', member.Alarms ?? []), new Style(Color.Red))),
                new Text(member.Address),
                new Text(member.Reason),
            ]);
        }

        return table;
    }

    private static string Known(long? bytes) => bytes is { } known ? Human.Bytes(known) : "?";

    private static T[] Only<T>(bool isShown, T cell) => isShown ? [cell] : [];

    private static void Row(Table table, ReadOnlySpan<string> names, SizeDto size) => table.Row(
    [
        .. names,
        Human.Bytes(size.FileBytes),
        Human.Bytes(size.LiveBytes),
        Human.Bytes(size.PhysicalBytes),
        Human.Bytes(size.ReclaimableBytes),
        Human.Percent(size.Fragmentation),
    ]);
}
