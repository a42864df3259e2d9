using System.Globalization;

namespace Orchestrator.Core.Runs;

/// <summary>A run in a list: without its plan and steps, which may have 100,000 units.</summary>
public sealed record RunSummary(
    string Id,
    string Cluster,
    string State,
    string Reason,
    string Comment,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt,
    long BytesFreed)
{
    /// <inheritdoc cref="RunView.Origin"/>
    public RunOrigin Origin { get; init; } = RunOrigin.Unknown;

    /// <inheritdoc cref="RunView.WaitingFor"/>
    public string WaitingFor { get; init; } = "";

    /// <inheritdoc cref="RunView.Since"/>
    public DateTimeOffset Since { get; init; }

    /// <inheritdoc cref="RunView.ApprovedBy"/>
    public string ApprovedBy { get; init; } = "";

    /// <inheritdoc cref="RunView.MaxBytesPerSecond"/>
    public long MaxBytesPerSecond { get; init; }

    /// <inheritdoc cref="RunView.EstimatedBytesFreed"/>
    public long EstimatedBytesFreed { get; init; }

    /// <inheritdoc cref="RunView.ReplicaSets"/>
    public IReadOnlyList<ReplicaSetProgress> ReplicaSets { get; init; } = [];

    /// <summary>The summary of a run.</summary>
    public static RunSummary Of(RunView run) => new(
        run.Id,
        run.Plan.Request.Cluster,
        run.State,
        run.Reason,
        run.Plan.Request.Options.Comment,
        run.CreatedAt,
        run.FinishedAt,
        run.BytesFreed)
    {
        Origin = run.Origin,
        WaitingFor = run.WaitingFor,
        Since = run.Since,
        ApprovedBy = run.ApprovedBy,
        MaxBytesPerSecond = run.MaxBytesPerSecond,
        EstimatedBytesFreed = run.EstimatedBytesFreed,
        ReplicaSets = run.ReplicaSets,
    };
}

/// <summary>The place of a run in the list, newest first: what follows a place stays the same while runs come and old ones are forgotten.</summary>
public readonly record struct RunPlace(DateTimeOffset CreatedAt, string Id)
{
    /// <summary>The place that a text names; null if it names none.</summary>
    public static RunPlace? Read(string text) =>
        text.Split('_', 2) is [var ticks, { Length: > 0 } id]
        && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number <= DateTimeOffset.MaxValue.UtcTicks
            ? new RunPlace(new DateTimeOffset(number, TimeSpan.Zero), id)
            : null;

    /// <summary>Whether a run comes later in the list, which means that it is older.</summary>
    public bool Precedes(RunView run) =>
        run.CreatedAt < CreatedAt || (run.CreatedAt == CreatedAt && string.CompareOrdinal(run.Id, Id) < 0);

    /// <summary>As <see cref="Read"/> takes it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CreatedAt.UtcTicks}_{Id}");
}
