using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Clusters;
using Orchestrator.Core;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using ScheduleDecision = Orchestrator.Core.Decision<
    Orchestrator.Core.Schedules.ScheduleEvent,
    Orchestrator.Core.Schedules.ScheduleEffect,
    Orchestrator.Core.Schedules.ScheduleVerdict>;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// Schedules: on every tick each looks at its windows, and every so often at what is due. A plain class on the supervisor's mailbox.
/// </summary>
internal sealed class ScheduleBook(IReign reign, AuditBook audit, RunBook runs)
{
    private const int OpeningsShown = 3;

    // A new reign has not heard of all nodes yet; a plan without them would only compact the others.
    private static readonly TimeSpan ReignGrace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);

    // What each schedule said last, when it looked last, and which ones wait for inventories.
    private readonly Dictionary<string, string> _status = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _lastLooks = new(StringComparer.Ordinal);
    private readonly HashSet<string> _looking = new(StringComparer.Ordinal);

    // Why a schedule's runs on a cluster cannot be planned.
    private readonly Dictionary<(string Schedule, string Cluster), string> _refused = [];

    // Members that were away when a schedule looked last: it need not wait for its next look when one of them is back.
    private readonly Dictionary<string, IReadOnlyList<NodeKey>> _away = new(StringComparer.Ordinal);

    public void OnList(ListSchedules request) => reign.Sender.Tell(new ScheduleList(
        [.. reign.Options.Schedules.Select(schedule => View(schedule, request.Clusters)).OfType<ScheduleView>()])
    {
        Windows = [.. reign.Options.Windows.Select(window => window.Name)],
    });

    /// <summary>When each schedule looked last.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> LastLooks => new Dictionary<string, DateTimeOffset>(_lastLooks, StringComparer.Ordinal);

    /// <summary>Why schedules cannot compact a cluster.</summary>
    public IReadOnlyList<string> RefusalsOn(string cluster) =>
        [.. _refused.Where(entry => entry.Key.Cluster == cluster).Select(entry => $"schedule {entry.Key.Schedule} cannot compact it: {entry.Value}")];

    public void Assess()
    {
        foreach (var schedule in reign.Options.Schedules)
        {
            Carry(new NoteWindow(schedule, CoveredBy(schedule).All(cluster => reign.State.Freezes.On(cluster, reign.Now).Length > 0), reign.Now));
            FindLostRun(schedule);
            var dueToLook = !_lastLooks.TryGetValue(schedule.Name, out var last) || reign.Now - last >= schedule.Pacing.LookInterval
                || (_away.TryGetValue(schedule.Name, out var absent) && absent.Any(key => reign.Clusters.TryGetValue(key.Cluster, out var watch) && watch.IsReachable(key.Node)));
            if (dueToLook && !_looking.Contains(schedule.Name) && ScheduleDecider.Obstacle(reign.State.Schedules, schedule, reign.Now).Length == 0)
            {
                Look(schedule);
            }
        }
    }

    /// <summary>What an active run has compacted since it was last heard of.</summary>
    public void NoteResults(RunReported reported)
    {
        if (reign.State.Find(reported.View.Id) is { Active: true })
        {
            Carry(new NoteRun(reported.View, reported.Ended, reign.Now));
        }
    }

    /// <param name="visible">The clusters that may be spoken of; null: all of them.</param>
    /// <returns>Null if it covers none of them.</returns>
    private ScheduleView? View(Schedule schedule, IReadOnlyList<string>? visible)
    {
        var seen = visible is null ? null : CoveredBy(schedule).Intersect(visible, StringComparer.Ordinal).ToList();
        if (seen is { Count: 0 })
        {
            return null;
        }

        var progress = reign.State.Schedules.Of(schedule.Name);
        var obstacle = ScheduleDecider.Obstacle(reign.State.Schedules, schedule, reign.Now, seen is null ? null : seen.Contains);
        var status = seen is null || seen.Count == CoveredBy(schedule).Count()
            ? _status.GetValueOrDefault(schedule.Name, "it has not looked for due units yet")
            : "it looks for due units, also in clusters that you may not see";
        var showsRun = seen is null || (reign.State.Find(progress.LastRun)?.Cluster is { } cluster && seen.Contains(cluster));
        var expected = ExpectedRun.Of(
            schedule.Windows, runs.Of(schedule.Name).Where(run => seen?.Contains(run.Plan.Request.Cluster) != false));
        return new ScheduleView(
            schedule.Name,
            schedule.Enabled,
            seen ?? (schedule.Scope.Clusters.Count == 0 ? ["*"] : schedule.Scope.Clusters),
            ScheduleText.Rules(schedule),
            [
                .. schedule.Windows.Windows.Select(window => window.ToString()),
                .. schedule.Windows.Windows.Count > 0 && schedule.Windows.StatusAt(reign.Now) is { Open: true } now ? [now.Sentence] : Array.Empty<string>(),
            ],
            obstacle.Length > 0 ? obstacle : status,
            schedule.Windows.NextOpenings(reign.Now, OpeningsShown),
            showsRun ? progress.LastRun : "",
            showsRun && progress.Starts.Count > 0 ? progress.Starts[^1] : null)
        {
            Expected = expected,
            Warning = schedule.Enabled ? expected?.Warning(schedule.Windows, reign.Now) ?? "" : "",
        };
    }

    private IEnumerable<string> CoveredBy(Schedule schedule) => reign.Clusters.Values
        .Where(watch => schedule.Scope.CoversCluster(watch.Definition.Name, watch.Definition.Engine))
        .Select(watch => watch.Definition.Name);

    /// <summary>The supervisor may have ended between deciding on a run and registering it, or between a run's end and noting it.</summary>
    private void FindLostRun(Schedule schedule)
    {
        if (reign.State.Schedules.Of(schedule.Name) is not BusySchedule busy)
        {
            return;
        }

        switch (reign.State.Find(busy.LastRun))
        {
            case null when busy.StartedAt < reign.StartedAt || reign.Now - busy.StartedAt > StartPatience:
                Carry(new NoteRefusal(schedule.Name, busy.LastRun, "it was never registered", reign.Now));
                break;
            case { Active: false }:
                Carry(new NoteRefusal(schedule.Name, busy.LastRun, "it has ended", reign.Now));
                break;
        }
    }

    private void Look(Schedule schedule)
    {
        var clusters = CoveredBy(schedule).ToList();
        if (clusters.Count == 0)
        {
            _status[schedule.Name] = "it covers no configured cluster";
            return;
        }

        _looking.Add(schedule.Name);
        _away[schedule.Name] = AwayNow(clusters);
        var inventories = clusters.Select(cluster => reign.Ask(cluster, new TakeInventories(schedule.Mode), reign.Options.InventoryTimeout * 2));
        reign.Await(Together(inventories), answers =>
        {
            if (answers is IReadOnlyList<InventoriesTaken> taken)
            {
                Consider(schedule, taken);
            }
            else
            {
                _looking.Remove(schedule.Name);
            }
        });
    }

    /// <summary>All of them, or the first answer that is none.</summary>
    private static async Task<object> Together(IEnumerable<Task<object>> inventories)
    {
        var answers = await Task.WhenAll(inventories).ConfigureAwait(false);
        return answers.FirstOrDefault(answer => answer is not InventoriesTaken) ?? answers.Cast<InventoriesTaken>().ToList();
    }

    private List<NodeKey> AwayNow(IEnumerable<string> clusters) =>
    [
        .. from cluster in clusters
           let watch = reign.Clusters.GetValueOrDefault(cluster)
           where watch is not null
           from node in watch.Nodes
           where !watch.IsReachable(node)
           select new NodeKey(cluster, node),
    ];

    private void Consider(Schedule schedule, IReadOnlyList<InventoriesTaken> taken)
    {
        var clusters = taken.Select(inventories => inventories.Snapshot.Definition.Name).ToList();
        List<string> missing =
        [
            .. taken.SelectMany(inventories => inventories.Missing),
            .. taken.Select(inventories => inventories.Snapshot.Definition).Where(cluster => cluster.ReplicaSets.Count == 0).Select(cluster => cluster.Name),
        ];
        if (missing.Count > 0 && reign.Now - reign.StartedAt < ReignGrace)
        {
            _looking.Remove(schedule.Name);
            _status[schedule.Name] = $"the supervisor has just started and waits for {string.Join(", ", missing.Take(5))}";
            return;
        }

        _lastLooks[schedule.Name] = reign.Now;
        _away[schedule.Name] = [.. _away[schedule.Name].Union(AwayNow(clusters))];
        var sights = taken.Select(inventories => Sight(inventories.Snapshot)).ToList();

        // Off the mailbox: to judge many units, and to plan, takes longer than others can wait.
        var (known, command) = (reign.State.Schedules, new ConsiderSchedule(schedule, sights, reign.Options.Compaction, reign.Now));
        reign.Await(Decide(known, command), decided => OnConsidered(schedule, decided));
    }

    private static async Task<object> Decide(ScheduleState known, ConsiderSchedule command)
    {
        try
        {
            return await Task.Run(() => ScheduleDecider.Decide(known, command)).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            return error;
        }
    }

    /// <summary>Meanwhile somebody may have frozen everything, or a window may have closed.</summary>
    private void OnConsidered(Schedule schedule, object decided)
    {
        _looking.Remove(schedule.Name);
        if (decided is not ScheduleDecision decision)
        {
            reign.Log.Error(decided as Exception, "schedule {0} could not look for due units", schedule.Name);
            _status[schedule.Name] = $"it could not look for due units: {ErrorText.Unexpected}";
            return;
        }

        var obstacle = ScheduleDecider.Obstacle(reign.State.Schedules, schedule, reign.Now) is { Length: > 0 } before
            ? before
            : decision.Effects.OfType<StartScheduledRun>().Select(start => reign.State.Freezes.On(start.Start.Request.Cluster, reign.Now)).FirstOrDefault("");
        NoteRefused(schedule, decision.Reply.Refused);
        _status[schedule.Name] = obstacle.Length > 0 ? obstacle : Carry(decision);
    }

    /// <summary>A schedule whose runs cannot be planned will never do anything: the audit trail, and with it webhooks, and 'nodes' tell that too.</summary>
    private void NoteRefused(Schedule schedule, IReadOnlyDictionary<string, string>? refused)
    {
        if (refused is null)
        {
            return;
        }

        foreach (var key in _refused.Keys.Where(key => key.Schedule == schedule.Name && !refused.ContainsKey(key.Cluster)).ToList())
        {
            _refused.Remove(key);
        }

        foreach (var (cluster, reason) in refused)
        {
            if (_refused.GetValueOrDefault((schedule.Name, cluster)) != reason)
            {
                _refused[(schedule.Name, cluster)] = reason;
                audit.Record(
                    new AuditedOrder(schedule.Author, AuditAction.ScheduleRefused, cluster, schedule.Name, "its runs cannot be planned"), reason, then: () => { });
            }
        }
    }

    private ClusterSight Sight(Core.Planning.ClusterSnapshot snapshot)
    {
        var cluster = snapshot.Definition.Name;
        return new ClusterSight(
            snapshot,
            reign.State.Freezes.On(cluster, reign.Now),
            reign.State.Runs.Where(run => run.Active && run.Cluster == cluster)
                .SelectMany(run => snapshot.Definition.Touching(run.ReplicaSets).Select(set => KeyValuePair.Create(set, run.RunId)))
                .DistinctBy(held => held.Key)
                .ToDictionary(StringComparer.Ordinal));
    }

    /// <summary>Decide, store, apply, act. Gives what the schedule says.</summary>
    private string Carry(ScheduleCommand command) => Carry(ScheduleDecider.Decide(reign.State.Schedules, command));

    private string Carry(ScheduleDecision decision)
    {
        var left = decision.Events.Count;
        foreach (var fact in decision.Events)
        {
            Note(fact, decision.Reply.Sentence);
            reign.Store(new ScheduleRecorded(fact, fact.At), () =>
            {
                if (--left == 0)
                {
                    foreach (var effect in decision.Effects)
                    {
                        Act(effect);
                    }
                }
            });
        }

        return decision.Reply.Sentence;
    }

    /// <summary>What schedules decide stands in the audit trail; after a run's end a schedule need not wait until its next look.</summary>
    private void Note(ScheduleEvent fact, string sentence)
    {
        switch (fact)
        {
            case ScheduledRunStarted started:
                reign.Log.Info("schedule {0} {1}", started.Schedule, sentence);
                audit.Record($"schedule {started.Schedule}", AuditAction.ScheduleRun, started.Cluster, started.RunId, sentence);
                break;
            case ScheduledRunEnded ended:
                reign.Log.Info("run {0} of schedule {1}: {2}", ended.RunId, ended.Schedule, ended.Outcome);
                _lastLooks.Remove(ended.Schedule);
                break;
            case WindowEntered { Missed: > 0 } entered:
                audit.Record($"schedule {entered.Schedule}", AuditAction.MissedWindows, "", entered.Schedule,
                    $"{entered.Missed} since the last one: no supervisor ran, or everything was frozen");
                break;
        }
    }

    private void Act(ScheduleEffect effect)
    {
        var start = effect as StartScheduledRun ?? throw new InvalidOperationException($"unknown effect {effect.GetType().Name}");
        reign.Await(reign.Self.Ask<object>(start.Start, StartPatience), answer =>
        {
            if (answer is RequestFailed failure && reign.State.Find(start.Start.RunId) is null)
            {
                Carry(new NoteRefusal(start.Schedule, start.Start.RunId, $"it was not started: {failure.Message}", reign.Now));
            }
        });
    }
}
