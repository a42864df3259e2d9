namespace Orchestrator.Core.Windows;

/// <summary>A maintenance window at one moment.</summary>
/// <param name="Open">Whether work may be begun now.</param>
/// <param name="Sentence">The same for the operator, with the times: since when, until when, or when next.</param>
/// <param name="ClosesAt">While open: when it closes; null if it never does.</param>
/// <param name="OpensAt">While closed: when it opens next; null if it never does.</param>
/// <param name="OnClose">What happens to work at hand when it closes.</param>
public sealed record WindowStatus(
    bool Open,
    string Sentence,
    DateTimeOffset? ClosesAt,
    DateTimeOffset? OpensAt,
    WindowCloseRule OnClose)
{
    /// <summary>While open: since when; null if that is longer ago than anybody looks back, or for ever.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>Until when this holds: when it closes, or while it is closed when it opens; null for ever.</summary>
    public DateTimeOffset? ChangesAt => Open ? ClosesAt : OpensAt;

    /// <summary>No restriction.</summary>
    public static WindowStatus Always { get; } = new(true, "no maintenance window is set", null, null, WindowCloseRule.Finish);
}

/// <summary>What happens to work at hand when a window closes.</summary>
public enum WindowCloseRule
{
    /// <summary>The member at work finishes its step; no other begins.</summary>
    Finish,

    /// <summary>The member at work stops at its checkpoint where its mode can pause, and goes on in the next window.</summary>
    Suspend,
}
