using Orchestrator.Actors;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;
using Orchestrator.Host.Composition;

namespace Orchestrator.Host.Configuration;

/// <summary>Reads the settings of the supervisor and of its runs into its options.</summary>
internal static class SupervisorBinder
{
    public static SupervisorOptions Read(
        SettingsReader supervisor,
        SettingsReader runs,
        EngineProviders engines,
        IReadOnlyList<MaintenanceWindow> windows,
        IReadOnlyList<Schedule> schedules)
    {
        var stepDownTimeout = supervisor.Duration("step-down-timeout", "1s", "1h");
        var options = new SupervisorOptions
        {
            Role = ProcessRoles.SupervisorName,
            NodeRole = ProcessRoles.NodeName,
            NodeCapabilities = engines.BuiltIn.Description.Capabilities,
            Windows = windows,
            Schedules = schedules,
            ObserveInterval = supervisor.Duration("observe-interval", "50ms", "1m"),
            ReplicaSets = new ReplicaSetPolicy(
                supervisor.Duration("unreachable-after", "1s", "1h"),
                supervisor.Duration("failover-after", "1s", "1h"),
                supervisor.Duration("first-appointment-grace", "0s", "1h"),
                supervisor.Duration("promise-timeout", "100ms", "10m"),
                supervisor.Duration("step-down-write-pause", "100ms", "10m")),
            InventoryTimeout = supervisor.Duration("inventory-timeout", "1s", "1h"),
            AssessInterval = supervisor.Duration("assess-interval", "50ms", "1m"),
            HistoryLength = supervisor.WholeNumber("history-length", 1, 10_000),
            RunsKept = supervisor.WholeNumber("runs-kept", 1, 10_000),
            MaxWaitingReaders = supervisor.WholeNumber("max-waiting-readers", 1, 10_000),
            LongestEventWait = supervisor.Duration("longest-event-wait", "0s", "10m"),
            MaxEventsPerAnswer = supervisor.WholeNumber("max-events-per-answer", 1, 10_000),
            RestartBackoff = supervisor.Duration("restart-backoff", "100ms", "1m"),
            SnapshotInterval = supervisor.WholeNumber("snapshot-interval", 10, 1_000_000),
            FactsKept = supervisor.WholeNumber("journal-facts-kept", 0, 1_000_000_000),
            DiskLowShare = supervisor.Share("disk-low", 0.9),
            AuditKept = supervisor.WholeNumber("audit-kept", Core.Operations.AuditLog.Kept, 1_000_000),
            Compaction = ReadRuns(runs, stepDownTimeout, engines),
        };
        Order(supervisor, "unreachable-after", options.ReplicaSets.UnreachableAfter, "observe-interval", options.ObserveInterval);
        Order(supervisor, "failover-after", options.ReplicaSets.FailoverGrace, "observe-interval", options.ObserveInterval);
        Order(supervisor, "step-down-timeout", stepDownTimeout, "step-down-write-pause", options.ReplicaSets.StepDownTimeout);
        return options;
    }

    private static CompactionPolicy ReadRuns(SettingsReader runs, TimeSpan stepDownTimeout, EngineProviders engines) => new(
        runs.LongNumber("lag-limit-changes", 0, long.MaxValue),
        runs.Duration("lag-limit", "100ms", "1d").TotalSeconds,
        runs.Share("disk-space-headroom", 0.9),
        runs.WholeNumber("step-retries", 0, 100),
        runs.Duration("retry-backoff", "0s", "5m"),
        runs.Duration("settle", "0s", "1h"),
        runs.Size("min-reclaimable-bytes", "0", "1EiB"),
        runs.Share("min-fragmentation", 1),
        stepDownTimeout,
        runs.Duration("unreachable-grace", "1s", "1d"),
        runs.Duration("check-patience", "1s", "30d"))
    {
        Mode = runs.Choice("mode", Modes(engines)),
        MinStepDownBytes = runs.Size("min-step-down-bytes", "0", "1EiB"),
    };

    /// <summary>The modes of all engines, by what they are called in settings.</summary>
    private static Dictionary<string, string> Modes(EngineProviders engines) => engines.Descriptions
        .SelectMany(engine => engine.Capabilities.Modes)
        .Append(CompactionOptions.AutoMode)
        .Distinct(StringComparer.Ordinal)
        .Select(mode => (Word: mode, Mode: mode))
        .Prepend((Word: "default", Mode: ""))
        .ToDictionary(entry => entry.Word, entry => entry.Mode, StringComparer.Ordinal);

    /// <summary>A time that makes sense only when it is longer than another. Unread settings are zero and have their own errors.</summary>
    private static void Order(SettingsReader section, string longerKey, TimeSpan longer, string shorterKey, TimeSpan shorter)
    {
        if (longer > TimeSpan.Zero && shorter > TimeSpan.Zero && longer <= shorter)
        {
            section.Fail(longerKey, $"expected more than {shorterKey} ({DurationText.Exact(shorter)}), found {DurationText.Exact(longer)}", 0);
        }
    }
}
