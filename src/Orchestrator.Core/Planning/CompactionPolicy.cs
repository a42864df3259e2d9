namespace Orchestrator.Core.Planning;

/// <summary>How cautious plans and runs are.</summary>
/// <param name="MaxLagChanges">Above so many changes behind its primary, a member holds the run up; it goes on at half of it. At least 0.</param>
/// <param name="MaxLagSeconds">The same in seconds.</param>
/// <param name="DiskHeadroomShare">Share of a file system that must stay free beside what a compaction needs; 0 to 1.</param>
/// <param name="StepRetries">How often a failed step is tried again; at least 0.</param>
/// <param name="RetryBackoff">Wait before the first retry; doubles with each, up to <see cref="MaxRetryBackoff"/>.</param>
/// <param name="Settle">Pause between the end of one step and the start of the next.</param>
/// <param name="MinReclaimableBytes">Units that would free less are left out, unless a request says itself what is worth it.</param>
/// <param name="MinFragmentation">Units less fragmented are left out, unless a request says itself what is worth it; 0 to 1.</param>
/// <param name="StepDownTimeout">How long an ordered step-down may take before it is ordered again.</param>
/// <param name="UnreachableGrace">How long a step waits for a member that is gone before it fails; a restart must fit in.</param>
/// <param name="CheckPatience">How long a step waits on any other check before it fails.</param>
public sealed record CompactionPolicy(
    long MaxLagChanges,
    double MaxLagSeconds,
    double DiskHeadroomShare,
    int StepRetries,
    TimeSpan RetryBackoff,
    TimeSpan Settle,
    long MinReclaimableBytes,
    double MinFragmentation,
    TimeSpan StepDownTimeout,
    TimeSpan UnreachableGrace,
    TimeSpan CheckPatience)
{
    /// <summary>
    /// The mode where a request names none: one of the engine's, or <see cref="CompactionOptions.AutoMode"/>; empty for the engine's default.
    /// </summary>
    public string Mode { get; init; } = "";

    /// <summary>A primary of which less would be freed is not stepped down, unless a request says itself what is worth it.</summary>
    public long MinStepDownBytes { get; init; } = 1;

    /// <summary>Back-off never grows beyond this.</summary>
    public static readonly TimeSpan MaxRetryBackoff = TimeSpan.FromMinutes(5);

    /// <summary>Everything that frees anything is worth it; the configuration has more careful defaults.</summary>
    public static CompactionPolicy Default { get; } = new(
        MaxLagChanges: 10_000,
        MaxLagSeconds: 10,
        DiskHeadroomShare: 0.02,
        StepRetries: 3,
        RetryBackoff: TimeSpan.FromSeconds(1),
        Settle: TimeSpan.FromSeconds(1),
        MinReclaimableBytes: 1,
        MinFragmentation: 0,
        StepDownTimeout: TimeSpan.FromSeconds(30),
        UnreachableGrace: TimeSpan.FromMinutes(2),
        CheckPatience: TimeSpan.FromMinutes(30));

    /// <summary>The wait after a failed attempt, numbered from 1.</summary>
    public TimeSpan BackoffAfter(int attempt)
    {
        var factor = Math.Pow(2, Math.Clamp(attempt - 1, 0, 30));
        var ticks = Math.Min(RetryBackoff.Ticks * factor, MaxRetryBackoff.Ticks);
        return TimeSpan.FromTicks((long)ticks);
    }
}
