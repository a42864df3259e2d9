using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;

namespace Orchestrator.Host.Configuration;

/// <summary>Reads the settings of the supervisor and of its runs.</summary>
internal static class SupervisorBinder
{
    private static readonly IReadOnlyDictionary<string, string> _modes = EngineCapabilities.Embedded.Modes
        .Append(CompactionOptions.AutoMode)
        .Select(mode => (Word: mode, Mode: mode))
        .Prepend((Word: "default", Mode: ""))
        .ToDictionary(entry => entry.Word, entry => entry.Mode, StringComparer.Ordinal);


    public static SupervisorSettings ReadSupervisor(SettingsReader supervisor)
    {
        var settings = new SupervisorSettings
        {
            ObserveInterval = supervisor.Duration("observe-interval", "50ms", "1m"),
            UnreachableAfter = supervisor.Duration("unreachable-after", "1s", "1h"),
            FailoverAfter = supervisor.Duration("failover-after", "1s", "1h"),
            FirstAppointmentGrace = supervisor.Duration("first-appointment-grace", "0s", "1h"),
            PromiseTimeout = supervisor.Duration("promise-timeout", "100ms", "10m"),
            StepDownTimeout = supervisor.Duration("step-down-timeout", "1s", "1h"),
            StepDownWritePause = supervisor.Duration("step-down-write-pause", "100ms", "10m"),
            InventoryTimeout = supervisor.Duration("inventory-timeout", "1s", "1h"),
            NodeTimeout = supervisor.Duration("node-timeout", "1s", "1h"),
            AssessInterval = supervisor.Duration("assess-interval", "50ms", "1m"),
            HistoryLength = supervisor.WholeNumber("history-length", 1, 10_000),
            RunsKept = supervisor.WholeNumber("runs-kept", 1, 10_000),
            MaxWaitingReaders = supervisor.WholeNumber("max-waiting-readers", 1, 10_000),
            LongestEventWait = supervisor.Duration("longest-event-wait", "0s", "10m"),
            MaxEventsPerAnswer = supervisor.WholeNumber("max-events-per-answer", 1, 10_000),
            RestartBackoff = supervisor.Duration("restart-backoff", "100ms", "1m"),
            SnapshotInterval = supervisor.WholeNumber("snapshot-interval", 10, 1_000_000),
            JournalFactsKept = supervisor.WholeNumber("journal-facts-kept", 0, 1_000_000_000),
            DiskLow = supervisor.Share("disk-low", 0.9),
            AuditKept = supervisor.WholeNumber("audit-kept", Core.Operations.AuditLog.Kept, 1_000_000),
        };
        Order(supervisor, "unreachable-after", settings.UnreachableAfter, "observe-interval", settings.ObserveInterval);
        Order(supervisor, "failover-after", settings.FailoverAfter, "observe-interval", settings.ObserveInterval);
        Order(supervisor, "step-down-timeout", settings.StepDownTimeout, "step-down-write-pause", settings.StepDownWritePause);
        return settings;
    }

    public static RunSettings ReadRuns(SettingsReader runs) => new()
    {
        LagLimitChanges = runs.LongNumber("lag-limit-changes", 0, long.MaxValue),
        LagLimit = runs.Duration("lag-limit", "100ms", "1d"),
        StepRetries = runs.WholeNumber("step-retries", 0, 100),
        RetryBackoff = runs.Duration("retry-backoff", "0s", "5m"),
        Settle = runs.Duration("settle", "0s", "1h"),
        UnreachableGrace = runs.Duration("unreachable-grace", "1s", "1d"),
        CheckPatience = runs.Duration("check-patience", "1s", "30d"),
        DiskSpaceHeadroom = runs.Share("disk-space-headroom", 0.9),
        MinReclaimableBytes = runs.Size("min-reclaimable-bytes", "0", "1EiB"),
        MinFragmentation = runs.Share("min-fragmentation", 1),
        MinStepDownBytes = runs.Size("min-step-down-bytes", "0", "1EiB"),
        Mode = runs.Choice("mode", _modes),
    };

    /// <summary>A time that makes sense only when it is longer than another. Unread settings are zero and have their own errors.</summary>
    private static void Order(SettingsReader section, string longerKey, TimeSpan longer, string shorterKey, TimeSpan shorter)
    {
        if (longer > TimeSpan.Zero && shorter > TimeSpan.Zero && longer <= shorter)
        {
            section.Fail(longerKey, $"expected more than {shorterKey} ({Units.Format(shorter)}), found {Units.Format(longer)}", 0);
        }
    }
}
