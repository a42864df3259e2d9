namespace Orchestrator.Core;

/// <summary>
/// What a state machine wants: facts to store and apply, things to do once they are stored, and the answer to whoever
/// asked, given last.
/// </summary>
public sealed record Decision<TEvent, TEffect, TReply>(
    IReadOnlyList<TEvent> Events,
    IReadOnlyList<TEffect> Effects,
    TReply Reply);
