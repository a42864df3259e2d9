using System.Globalization;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Schedules;

/// <summary>Schedules in words.</summary>
public static class ScheduleText
{
    /// <summary>What makes a unit due, and how much is done, each in a few words.</summary>
    public static IReadOnlyList<string> Rules(Schedule schedule)
    {
        var (rules, pacing, scope) = (schedule.Rules, schedule.Pacing, schedule.Scope);
        (bool Says, string Text)[] all =
        [
            (scope.Databases.Count > 0, $"databases {string.Join(", ", scope.Databases)}"),
            (scope.Collections.Count > 0, $"collections {string.Join(", ", scope.Collections)}"),
            (rules.Match == RuleMatch.Any, "due when any of these holds:"),
            (rules.MinReclaimableBytes > 0, $"would free at least {ByteText.Of(rules.MinReclaimableBytes)}"),
            (rules.MinFragmentation > 0, Line($"at least {rules.MinFragmentation * 100:0.#} % fragmented")),
            (rules.DiskUsedAbove > 0, Line($"disk more than {rules.DiskUsedAbove * 100:0.#} % used")),
            (rules.QuotaUsedAbove > 0, Line($"takes more than {rules.QuotaUsedAbove * 100:0.#} % of its member's storage quota")),
            (rules.TimeSinceLast > TimeSpan.Zero, $"last compacted at least {DurationText.Of(rules.TimeSinceLast)} ago"),
            (rules.BackOff > TimeSpan.Zero, $"{(rules.Match == RuleMatch.Any ? "always " : "")}waits {DurationText.Of(rules.BackOff)} to {DurationText.Of(rules.MaxBackOff)} after freeing next to nothing"),
            (pacing.MaxRunsPerWindow > 0, Line($"at most {pacing.MaxRunsPerWindow} runs in a window")),
            (pacing.MaxRunsPerDay > 0, Line($"at most {pacing.MaxRunsPerDay} runs in 24 hours")),
            (pacing.MaxCollectionsPerRun > 0, Line($"at most {pacing.MaxCollectionsPerRun} collections in a run, the largest gain first")),
            (schedule.MaxBytesPerSecond > 0, $"each member copies at most {ByteText.Of(schedule.MaxBytesPerSecond)}/s"),
            (schedule.Verify, "each member is verified after its compaction"),
            (schedule.OnFailure == FailurePolicy.SkipMember, "after a failed step the member's other steps are left out"),
            (schedule.OnFailure == FailurePolicy.Continue, "after a failed step the run continues"),
            (schedule.NeedsApproval, "each run waits for approval"),
        ];
        return [.. all.Where(rule => rule.Says).Select(rule => rule.Text)];
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
