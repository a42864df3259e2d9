using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Tests.Schedules;

/// <summary>
/// Reads the cases of schedules over one set of three members. <c>schedule key=value ...</c> configures it (window=SPAN in UTC);
/// <c>units</c> takes lines <c>PATH SIZE free=SIZE</c> for all members; <c>look AT [frozen] [held=RUN]</c> considers, <c>tick AT [frozen]</c> notes the
/// window, <c>done AT RUN freed=SHARE</c> ends a run all of whose units freed that share of what was expected, <c>refused AT RUN</c> ends one that never
/// began, <c>explain AT</c> explains node-1. AT is <c>DAY HH:MM</c> of March 2026, whose second is a Monday.
/// </summary>
internal sealed class ScheduleCases
{
    private readonly Dictionary<string, CompactionPlan> _plans = [];
    private Schedule _schedule = new("s", true, ScheduleScope.Everything, WindowCalendar.Always, ScheduleRules.Default, SchedulePacing.Default, false);
    private ScheduleState _state = ScheduleState.Initial;
    private List<UnitEstimate> _units = [];
    private double _diskFree = 0.5;
    private long _quota;

    public string Execute(string command, IReadOnlyList<string> input)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var arguments = words.Skip(1).Where(word => word.Contains('=', StringComparison.Ordinal)).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        switch (words[0])
        {
            case "schedule":
                _state = ScheduleState.Initial;
                _schedule = Configure(arguments);
                return string.Join("\n", ScheduleText.Rules(_schedule));
            case "units":
                _units = [.. input.Select(Unit)];
                _diskFree = arguments.TryGetValue("disk-free", out var free) ? Number(free) : 0.5;
                _quota = arguments.TryGetValue("quota", out var quota) ? Size(quota) : 0;
                return $"{_units.Count} units";
            case "tick":
                return Carry(new NoteWindow(_schedule, words.Contains("frozen"), At(words)), At(words));
            case "look":
                return Carry(new ConsiderSchedule(_schedule, [Sight(words.Contains("frozen"), arguments, At(words))], CompactionPolicy.Default, At(words)), At(words));
            case "done":
                return Carry(new NoteRun(Finished(words[3], Number(arguments["freed"]), At(words)), true, At(words)), At(words));
            case "refused":
                return Carry(new NoteRefusal(_schedule.Name, words[3], "it was not started: run x is active", At(words)), At(words));
            case "obstacle":
                return ScheduleDecider.Obstacle(_state, _schedule, At(words)) is { Length: > 0 } obstacle ? obstacle : "none";
            case "explain":
                return Explain(words.Contains("frozen"), At(words));
            default:
                throw new FormatException($"unknown command '{words[0]}'");
        }
    }

    private string Carry(ScheduleCommand command, DateTimeOffset now)
    {
        var decision = ScheduleDecider.Decide(_state, command);
        foreach (var fact in decision.Events)
        {
            _state = ScheduleDecider.Apply(_state, fact);
        }

        foreach (var start in decision.Effects.Cast<StartScheduledRun>())
        {
            var planned = (PlanResult.Planned)Planner.Plan(Sight(false, [], now).Snapshot, start.Start.Request, CompactionPolicy.Default);
            _plans[start.Start.RunId] = planned.Plan;
        }

        // A snapshot must add up to the same state, whatever came before it.
        var again = ScheduleHistory.Of(_state).Aggregate(ScheduleState.Initial, ScheduleDecider.Apply);
        Assert.Equal(Text(_state), Text(again));
        IEnumerable<string> lines =
        [
            .. decision.Events.Select(fact => JsonSerializer.Serialize(fact)),
            .. decision.Effects.Cast<StartScheduledRun>().Select(start =>
                $"=> start {start.Start.RunId} by {start.Start.Origin.By}: {string.Join(", ", start.Start.Request.Scope.Collections)} on {string.Join(", ", start.Start.Request.Scope.ReplicaSets)}"
                + (start.Start.Request.Options.MaxBytesPerSecond is > 0 and var rate ? $" with at most {ByteText.Of(rate)}/s" : "")),
            decision.Reply.Sentence.Length > 0 ? $"<- {decision.Reply.Sentence}" : "",
        ];
        return string.Join('\n', lines.Where(line => line.Length > 0).DefaultIfEmpty("nothing"));
    }

    private static string Text(ScheduleState state) => string.Join('\n', state.Schedules.OrderBy(entry => entry.Key).Select(entry =>
            $"{entry.Key} {entry.Value.GetType().Name} {entry.Value.LastRun} {entry.Value.Opening} {string.Join(',', entry.Value.Starts)} {(entry.Value as IdleSchedule)?.LastEndedAt}"))
        + string.Join('\n', state.Units.Select(entry => $"{entry.Key} {entry.Value}").Order())
        + string.Join('\n', state.Noted.Select(entry => $"{entry.Key} {string.Join(',', entry.Value.Order())}").Order());

    private string Explain(bool frozen, DateTimeOffset now)
    {
        var sources = new ExplanationSources(Sight(frozen, [], now).Snapshot, [_schedule], _state, [], frozen ? "c1 was frozen by ann" : "");
        var (answer, _) = Explainer.Explain(sources, new ExplainUnits(Some.Cluster, "", ""), now);
        return answer!.Next + "\n" + string.Join('\n', answer.Units.Where(unit => unit.Node == "node-1").Select(unit =>
            $"{unit.Unit}: last {(unit.LastCompaction is { } last ? $"{last.RunId} freed {ByteText.Of(last.BytesFreed)}" : "never")}; {unit.WhyNotSince}; next: {unit.Next}{(unit.NextAt is { } at ? $" at {at:yyyy-MM-dd HH:mm}" : "")}"));
    }

    private ClusterSight Sight(bool frozen, Dictionary<string, string> arguments, DateTimeOffset now)
    {
        var members = Some.ThreeMembers.Members.Select((node, i) => new MemberSnapshot(
            Some.Observation(node, i == 0 ? MemberRole.Primary : MemberRole.Secondary) with { Disk = new DiskSpace((long)(_diskFree * 1e12), (long)1e12), QuotaBytes = _quota }, _units));
        var held = arguments.TryGetValue("held", out var run) ? new Dictionary<string, string> { [Some.Set] = run } : [];
        return new ClusterSight(Some.Snapshot(Some.ThreeMembers, members, now), frozen ? "c1 was frozen by ann" : "", held);
    }

    private RunView Finished(string runId, double share, DateTimeOffset now)
    {
        var plan = _plans[runId];
        var steps = plan.Steps.Select(step => new StepView(
            step.Number, step.ReplicaSet, step is StepDownStep ? "step-down" : "compact", step.Node, "completed", "", 1, 1, 0, 0, 0, "",
            [.. (step as CompactMemberStep)?.Units.Select(unit => new UnitCompacted(
                unit.Size.Unit, unit.Size.FileBytes, unit.Size.FileBytes - (long)(unit.BytesFreed * share), 1, 0, TimeSpan.FromSeconds(1), TimeSpan.Zero)) ?? []],
            now, now)).ToList();
        return new RunView(runId, "completed", "", plan, steps, 0, now, now);
    }

    private static Schedule Configure(Dictionary<string, string> arguments)
    {
        var windows = arguments.TryGetValue("window", out var spans)
            ? MaintenanceWindow.Create("w", "UTC", [.. spans.Split(',').Select(span => WeeklySpan.Parse(span, out _)!)], [], [], WindowCloseRule.Finish, out _)!
            : null;
        IReadOnlyList<string> List(string key) => arguments.TryGetValue(key, out var list) ? list.Split(',') : [];
        var (rules, pacing) = (arguments.GetValueOrDefault("match") == "any" ? ScheduleRules.Bare : ScheduleRules.Default, SchedulePacing.Default);
        return new Schedule(
            "s",
            arguments.GetValueOrDefault("enabled", "true") == "true",
            new ScheduleScope([], List("clusters"), List("databases"), List("collections")),
            new WindowCalendar(windows is null ? [] : [windows]),
            rules with
            {
                MinReclaimableBytes = arguments.TryGetValue("min", out var min) ? Size(min) : rules.MinReclaimableBytes,
                QuotaUsedAbove = arguments.TryGetValue("quota", out var quota) ? Number(quota) : 0,
                DiskUsedAbove = arguments.TryGetValue("disk", out var disk) ? Number(disk) : 0,
                TimeSinceLast = arguments.TryGetValue("since", out var since) ? TimeSpan.FromHours(Number(since)) : rules.TimeSinceLast,
                MinFragmentation = arguments.TryGetValue("frag", out var share) ? Number(share) : rules.MinFragmentation,
            },
            pacing with
            {
                MaxRunsPerWindow = (int)Number(arguments.GetValueOrDefault("per-window", "0")),
                MaxRunsPerDay = (int)Number(arguments.GetValueOrDefault("per-day", "0")),
                MaxCollectionsPerRun = (int)Number(arguments.GetValueOrDefault("per-run", "20")),
                MissedWindow = arguments.ContainsKey("catch-up") ? MissedWindowPolicy.CatchUp : MissedWindowPolicy.Skip,
            },
            arguments.ContainsKey("approval"))
        {
            MaxBytesPerSecond = arguments.TryGetValue("rate", out var rate) ? Size(rate) : 0,
        };
    }

    private static UnitEstimate Unit(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var path = words[0].Split('/', '#');
        var (size, free) = (Size(words[1]), Size(words[2].Split('=')[1]));
        return path.Length == 3 ? Some.Index(path[0], path[1], path[2], size, free) : Some.Documents(path[0], path[1], size, free);
    }

    private static long Size(string text) => (long)(Number(text.TrimEnd('M', 'G')) * (text[^1] == 'G' ? 1 << 30 : 1 << 20));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static DateTimeOffset At(string[] words)
    {
        var time = TimeSpan.Parse(words[2], CultureInfo.InvariantCulture);
        return new DateTimeOffset(2026, 3, int.Parse(words[1], CultureInfo.InvariantCulture), 0, 0, 0, TimeSpan.Zero) + time;
    }
}
