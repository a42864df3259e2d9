using System.Collections.Immutable;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Telemetry;

/// <summary>What a supervisor publishes, with something for every instrument.</summary>
internal static class MetricSamples
{
    private static readonly OrchestratorSettings Settings = SettingsBinder.Parse("""
        orchestrator {
          roles = [supervisor], clusters.main.replica-sets.rs-1.members = [node-1]
          windows.nights.weekly = ["SAT-22:00..SUN-04:00"]
          schedules.nightly.windows = [nights]
        }
        """);

    /// <summary>A Saturday, 22:15 UTC: the window has been open for a quarter of an hour.</summary>
    public static DateTimeOffset Now => Samples.Now;

    public static SupervisorPicture Picture { get; } = new(
        Epoch: 7,
        StartedAt: Now.AddDays(-1),
        At: Now,
        [Cluster([Samples.Documents, Samples.Index])],
        [
            Samples.Run("r-2", "waiting") with { WaitingFor = "window-open, not-frozen", Since = Now.AddHours(-1) },
            Samples.Run("r-1", "completed", Now.AddHours(-2)),
        ],
        FreezeDecider.Apply(FreezeState.Initial, new FreezeStarted(new Freeze("", "ada", "a release", Now, null), Now)),
        ScheduleState.Initial with
        {
            Schedules = ScheduleState.Initial.Schedules.Add("nightly", IdleSchedule.Fresh with { Starts = [Now.AddDays(-7)] }),
            Units = ScheduleState.Initial.Units.Add(
                new UnitKey("main", "node-1", Samples.Documents.Size.Unit),
                new UnitHistory("r-1", Now.AddHours(-2), "completed", new UnitResult(Samples.Documents.Size.Unit, 600, 590, TimeSpan.FromSeconds(1)), 0)),
        },
        new Dictionary<string, DateTimeOffset> { ["nightly"] = Now.AddDays(-7) })
    {
        Schedules = Settings.Supervisor.Schedules,
        Windows = Settings.Supervisor.Windows,
    };

    /// <summary>One of each fact that is counted, of a run whose first step began ten seconds ago.</summary>
    public static RunHappened Happened { get; } = new(
        Run,
        [
            new CheckEvaluated(1, new CheckResult("lag-within-limit", false, "too far behind"), Now),
            new CheckEvaluated(1, new CheckResult("lag-within-limit", true, "caught up"), Now),
            new StepRetried(1, 1, "no answer", Now, Now),
            new MemberCompacted(1, "node-2", [], Now),
            new RunCompleted(false, Now),
        ],
        new Dictionary<int, DateTimeOffset> { [1] = Now.AddSeconds(-10) });

    private static RunView Run
    {
        get
        {
            var run = Samples.Run("r-1", "completed", Now);
            return run with { Steps = [run.Steps[0] with { State = "completed", BytesFreed = 650, EstimatedBytesFreed = 700 }] };
        }
    }

    public static ClusterPicture Cluster(IReadOnlyList<UnitEstimate> units)
    {
        var set = Samples.View.ReplicaSets[0];
        var behind = set.Members[1].Observation with { Lag = new ReplicationLag(5, 2.5), QuotaBytes = 2048, Alarms = ["NOSPACE"] };
        var gone = set.Members[2].Observation with { State = NodeState.Unreachable, Disk = DiskSpace.Unseen };
        var members = new[] { set.Members[0], set.Members[1] with { Observation = behind }, set.Members[2] with { Observation = gone } };
        return new ClusterPicture(
            Samples.View with { ReplicaSets = [set with { Members = members }] },
            ImmutableDictionary<string, NodeInventory>.Empty.Add("node-1", new NodeInventory("node-1", "rewrite", EmbeddedCapabilities.Instance, units, Now)),
            ImmutableDictionary<string, DateTimeOffset>.Empty.Add("node-1", Now.AddMinutes(-1)));
    }
}
