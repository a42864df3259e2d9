using Akka.Actor;
using Akka.Event;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using ScheduleDecision = Orchestrator.Core.Decision<
    Orchestrator.Core.Schedules.ScheduleEvent,
    Orchestrator.Core.Schedules.ScheduleEffect,
    Orchestrator.Core.Schedules.ScheduleVerdict>;

namespace Orchestrator.Actors.Supervisor;

/// <content>Schedules: on every tick each looks at its windows, and every so often at what is due.</content>
internal sealed partial class SupervisorActor
{
    private const int OpeningsShown = 3;

    // A new reign has not heard of all nodes yet; a plan without them would only compact the others.
    private static readonly TimeSpan ReignGrace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);

    // What each schedule said last, when it looked last, and which ones wait for inventories.
    private readonly Dictionary<string, string> scheduleStatus = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> lastLooks = new(StringComparer.Ordinal);
    private readonly HashSet<string> looking = new(StringComparer.Ordinal);

    // Why a schedule's runs on a cluster cannot be planned.
    private readonly Dictionary<(string Schedule, string Cluster), string> refusedSchedules = [];

    // Members that were away when a schedule looked last: it need not wait for its next look when one of them is back.
    private readonly Dictionary<string, IReadOnlyList<NodeKey>> away = new(StringComparer.Ordinal);

    private void ReceiveSchedules()
    {
        Command<ListSchedules>(request => Sender.Tell(new ScheduleList(
            [.. options.Schedules.Select(schedule => View(schedule, request.Clusters)).OfType<ScheduleView>()])
        {
            Windows = [.. options.Windows.Select(window => window.Name)],
        }));
        Command<ScheduleConsidered>(OnConsidered);
        Command<ScheduledStartAnswered>(OnScheduledStartAnswered);
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

        var progress = state.Schedules.Of(schedule.Name);
        var obstacle = ScheduleDecider.Obstacle(state.Schedules, schedule, Now, seen is null ? null : seen.Contains);
        var status = seen is null || seen.Count == CoveredBy(schedule).Count()
            ? scheduleStatus.GetValueOrDefault(schedule.Name, "it has not looked yet")
            : "it looks for due units, also in clusters that you may not see";
        var showsRun = seen is null || (state.Find(progress.LastRun)?.Cluster is { } cluster && seen.Contains(cluster));
        return new ScheduleView(
            schedule.Name,
            schedule.Enabled,
            seen ?? (schedule.Scope.Clusters.Count == 0 ? ["*"] : schedule.Scope.Clusters),
            ScheduleText.Rules(schedule),
            [
                .. schedule.Windows.Windows.Select(window => window.ToString()),
                .. schedule.Windows.Windows.Count > 0 && schedule.Windows.StatusAt(Now) is { Open: true, ClosesAt: null } always ? [always.Sentence] : Array.Empty<string>(),
            ],
            obstacle.Length > 0 ? obstacle : status,
            schedule.Windows.NextOpenings(Now, OpeningsShown),
            showsRun ? progress.LastRun : "",
            showsRun && progress.Starts.Count > 0 ? progress.Starts[^1] : null);
    }

    private void AssessSchedules()
    {
        foreach (var schedule in options.Schedules)
        {
            Carry(new NoteWindow(schedule, CoveredBy(schedule).All(cluster => state.Freezes.On(cluster, Now).Length > 0), Now));
            FindLostRun(schedule);
            var dueToLook = !lastLooks.TryGetValue(schedule.Name, out var last) || Now - last >= schedule.Pacing.LookInterval
                || (away.TryGetValue(schedule.Name, out var absent) && absent.Any(key => IsReachable(watches[key.Cluster], key.Node)));
            if (dueToLook && !looking.Contains(schedule.Name) && ScheduleDecider.Obstacle(state.Schedules, schedule, Now).Length == 0)
            {
                Look(schedule);
            }
        }
    }

    private IEnumerable<string> CoveredBy(Schedule schedule) => watches.Values
        .Where(watch => schedule.Scope.CoversCluster(watch.Definition.Name, watch.Definition.Engine))
        .Select(watch => watch.Definition.Name);

    /// <summary>The supervisor may have ended between deciding on a run and registering it, or between a run's end and noting it.</summary>
    private void FindLostRun(Schedule schedule)
    {
        if (state.Schedules.Of(schedule.Name) is not BusySchedule busy)
        {
            return;
        }

        switch (state.Find(busy.LastRun))
        {
            case null when busy.StartedAt < reignStartedAt || Now - busy.StartedAt > StartPatience:
                Carry(new NoteRefusal(schedule.Name, busy.LastRun, "it was never registered", Now));
                break;
            case { Active: false }:
                Carry(new NoteRefusal(schedule.Name, busy.LastRun, "it has ended", Now));
                break;
        }
    }

    private void Look(Schedule schedule)
    {
        var clusters = CoveredBy(schedule).ToList();
        if (clusters.Count == 0)
        {
            scheduleStatus[schedule.Name] = "it covers no configured cluster";
            return;
        }

        looking.Add(schedule.Name);
        away[schedule.Name] = AwayNow(clusters);
        var left = clusters.Count;
        var missing = new List<string>();
        foreach (var cluster in clusters)
        {
            var taken = TakeInventories(cluster, schedule.Mode, without =>
            {
                missing.AddRange(without);
                if (--left == 0)
                {
                    Consider(schedule, clusters, missing);
                }
            });
            if (!taken)
            {
                looking.Remove(schedule.Name);
                return;
            }
        }
    }

    private List<NodeKey> AwayNow(List<string> clusters) =>
    [
        .. clusters.SelectMany(cluster => watches[cluster].Nodes
            .Where(node => !IsReachable(watches[cluster], node))
            .Select(node => new NodeKey(cluster, node))),
    ];

    private void Consider(Schedule schedule, List<string> clusters, List<string> missing)
    {
        missing.AddRange(clusters.Where(cluster => watches[cluster].Definition.ReplicaSets.Count == 0));
        if (missing.Count > 0 && Now - reignStartedAt < ReignGrace)
        {
            looking.Remove(schedule.Name);
            scheduleStatus[schedule.Name] = $"the supervisor has just begun and waits for {string.Join(", ", missing.Take(5))}";
            return;
        }

        lastLooks[schedule.Name] = Now;
        away[schedule.Name] = [.. away[schedule.Name].Union(AwayNow(clusters))];
        var sights = clusters.Select(cluster => new ClusterSight(
            watches[cluster].Snapshot(Now),
            state.Freezes.On(cluster, Now),
            state.Runs.Where(run => run.Active && run.Cluster == cluster)
                .SelectMany(run => run.ReplicaSets.Select(set => KeyValuePair.Create(set, run.RunId)))
                .DistinctBy(held => held.Key)
                .ToDictionary(StringComparer.Ordinal))).ToList();

        // Off the mailbox: to judge many units, and to plan, takes longer than others can wait.
        var (known, command) = (state.Schedules, new ConsiderSchedule(schedule, sights, options.Compaction, Now));
        Task.Run(() => ScheduleDecider.Decide(known, command)).PipeTo(
            Self,
            Self,
            decision => new ScheduleConsidered(schedule, decision, null),
            error => new ScheduleConsidered(schedule, null, error));
    }

    /// <summary>Meanwhile somebody may have frozen everything, or a window may have closed.</summary>
    private void OnConsidered(ScheduleConsidered considered)
    {
        var schedule = considered.Schedule;
        looking.Remove(schedule.Name);
        if (considered.Decision is not { } decision)
        {
            log.Error(considered.Error, "schedule {0} could not look for due units", schedule.Name);
            scheduleStatus[schedule.Name] = $"it could not look for due units: {ErrorText.Unexpected}";
            return;
        }

        var obstacle = ScheduleDecider.Obstacle(state.Schedules, schedule, Now) is { Length: > 0 } before
            ? before
            : decision.Effects.OfType<StartScheduledRun>().Select(start => state.Freezes.On(start.Start.Request.Cluster, Now)).FirstOrDefault("");
        NoteRefused(schedule, decision.Reply.Refused);
        scheduleStatus[schedule.Name] = obstacle.Length > 0 ? obstacle : Carry(decision);
    }

    /// <summary>A schedule whose runs cannot be planned will never do anything: the audit trail, and with it webhooks, and 'nodes' tell that too.</summary>
    private void NoteRefused(Schedule schedule, IReadOnlyDictionary<string, string>? refused)
    {
        if (refused is null)
        {
            return;
        }

        foreach (var key in refusedSchedules.Keys.Where(key => key.Schedule == schedule.Name && !refused.ContainsKey(key.Cluster)).ToList())
        {
            refusedSchedules.Remove(key);
        }

        foreach (var (cluster, reason) in refused)
        {
            if (refusedSchedules.GetValueOrDefault((schedule.Name, cluster)) != reason)
            {
                refusedSchedules[(schedule.Name, cluster)] = reason;
                Audit(schedule.Author, "schedule-refused", cluster, schedule.Name, "its runs cannot be planned", reason, then: () => { });
            }
        }
    }

    /// <summary>Decide, store, apply, act. Gives what the schedule says.</summary>
    private string Carry(ScheduleCommand command) => Carry(ScheduleDecider.Decide(state.Schedules, command));

    private string Carry(ScheduleDecision decision)
    {
        var left = decision.Events.Count;
        foreach (var fact in decision.Events)
        {
            Note(fact, decision.Reply.Sentence);
            Store(new ScheduleRecorded(fact, fact.At), () =>
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
                log.Info("schedule {0} {1}", started.Schedule, sentence);
                Audit($"schedule {started.Schedule}", "schedule-run", started.Cluster, started.RunId, sentence);
                break;
            case ScheduledRunEnded ended:
                log.Info("run {0} of schedule {1}: {2}", ended.RunId, ended.Schedule, ended.Outcome);
                lastLooks.Remove(ended.Schedule);
                break;
            case WindowEntered { Missed: > 0 } entered:
                Audit($"schedule {entered.Schedule}", "missed-windows", "", entered.Schedule,
                    $"{entered.Missed} since the last one: no supervisor ran, or everything was frozen");
                break;
        }
    }

    private void Act(ScheduleEffect effect)
    {
        var start = effect as StartScheduledRun ?? throw new InvalidOperationException($"unknown effect {effect.GetType().Name}");
        Self.Ask<object>(start.Start, StartPatience).PipeTo(
            Self,
            Self,
            answer => new ScheduledStartAnswered(start.Schedule, start.Start.RunId, answer as RequestFailed),
            _ => new ScheduledStartAnswered(start.Schedule, start.Start.RunId, new RequestFailed(FailureCode.Unavailable, "no answer in time", "")));
    }

    private void OnScheduledStartAnswered(ScheduledStartAnswered answered)
    {
        if (answered.Failure is { } failure && state.Find(answered.RunId) is null)
        {
            Carry(new NoteRefusal(answered.Schedule, answered.RunId, $"it was not started: {failure.Message}", Now));
        }
    }

    /// <summary>What an active run has compacted since it was last heard of.</summary>
    private void NoteResults(RunReported reported)
    {
        if (state.Find(reported.View.Id) is { Active: true })
        {
            Carry(new NoteRun(reported.View, reported.Ended, Now));
        }
    }

    private sealed record ScheduleConsidered(Schedule Schedule, ScheduleDecision? Decision, Exception? Error) : LocalMessage;

    private sealed record ScheduledStartAnswered(string Schedule, string RunId, RequestFailed? Failure) : LocalMessage;
}
