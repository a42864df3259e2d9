using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Operations;

/// <summary>Everything that explains a cluster's units at one moment.</summary>
/// <param name="Snapshot">The cluster with fresh inventories.</param>
/// <param name="Schedules">All schedules.</param>
/// <param name="History">What schedules and earlier runs did.</param>
/// <param name="ActiveRuns">The runs at work on the cluster.</param>
/// <param name="Frozen">Why nothing may start; empty when not frozen.</param>
public sealed record ExplanationSources(
    ClusterSnapshot Snapshot,
    IReadOnlyList<Schedule> Schedules,
    ScheduleState History,
    IReadOnlyList<RunView> ActiveRuns,
    string Frozen);

/// <summary>Says of each unit why it was compacted, why not since, and what happens next. Pure.</summary>
public static class Explainer
{
    /// <summary>The explanation; refused where the named database or collection does not exist.</summary>
    public static (Explanation? Answer, RequestFailed? Failure) Explain(ExplanationSources sources, ExplainUnits request, DateTimeOffset now)
    {
        var units = sources.Snapshot.Members
            .SelectMany(member => member.Units.Select(unit => (Member: member, Unit: unit)))
            .Where(pair => Covers(request, pair.Unit.Size.Unit))
            .ToList();
        if (units.Count == 0 && request.Database.Length > 0)
        {
            var what = request.Collection.Length > 0 ? $"collection '{request.Database}/{request.Collection}'" : $"database '{request.Database}'";
            return (null, new RequestFailed(
                FailureCode.NotFound, $"no node of cluster {request.Cluster} that can be reached has a {what}; {KnownNames.Of(Names(sources, request), "none is known")}", ""));
        }

        var covering = sources.Schedules
            .Where(schedule => schedule.Scope.CoversCluster(sources.Snapshot.Definition.Name, sources.Snapshot.Definition.Engine))
            .Select(schedule => new ScheduleOutlook(sources, schedule, now))
            .ToList();
        var explainer = new UnitExplainer(sources, covering, now);
        var explained = units
            .Select(pair => explainer.Explain(pair.Member, pair.Unit))
            .OrderByDescending(unit => unit.ReclaimableBytes)
            .ThenBy(unit => unit.Unit.Path, StringComparer.Ordinal)
            .ThenBy(unit => unit.Node, StringComparer.Ordinal)
            .ToList();
        return (new Explanation(request.Cluster, now, Next(sources, covering), explained), null);
    }

    /// <summary>The names that could have been meant: the database's collections, else the databases.</summary>
    private static IEnumerable<string> Names(ExplanationSources sources, ExplainUnits request)
    {
        var units = sources.Snapshot.Members.SelectMany(member => member.Units).Select(unit => unit.Size.Unit).Where(unit => unit is not NodeUnit).ToList();
        var inDatabase = units.Where(unit => unit.Database == request.Database && unit.Collection.Length > 0).Select(unit => unit.Home).ToList();
        return request.Collection.Length > 0 && inDatabase.Count > 0 ? inDatabase : units.Select(unit => unit.Database);
    }

    private static bool Covers(ExplainUnits request, StorageUnit unit) =>
        (request.Database.Length == 0 || unit.Database == request.Database)
        && (request.Collection.Length == 0 || unit.Collection == request.Collection);

    /// <summary>What happens next on the cluster as a whole.</summary>
    private static string Next(ExplanationSources sources, List<ScheduleOutlook> covering)
    {
        var parts = new List<string>();
        if (sources.Frozen.Length > 0)
        {
            parts.Add($"nothing starts: {sources.Frozen}");
        }

        parts.AddRange(sources.ActiveRuns.Select(run => $"run {run.Id} is {run.State}{ReasonText.InBrackets(run.Reason)}"));
        parts.AddRange(covering.Select(outlook => outlook.Obstacle.Length > 0
            ? $"{outlook.Schedule.Author}: {outlook.Obstacle}"
            : $"{outlook.Schedule.Author} looks for due units every {Windows.DurationText.Of(outlook.Schedule.Pacing.LookInterval)}"));
        parts.AddRange(sources.Snapshot.Members
            .Select(member => member.Observation)
            .Where(seen => seen is { State: NodeState.Online, Reason.Length: > 0 })
            .Select(seen => $"{seen.Node}: {seen.Reason}"));
        if (covering.Count == 0)
        {
            parts.Add("no schedule covers this cluster: units are compacted when someone starts a run");
        }

        return string.Join("; ", parts);
    }
}
