namespace Orchestrator.Actors.Journals;

/// <summary>Facts were stored. Published on the event stream.</summary>
/// <param name="Journal">Whose they are: supervisor or run.</param>
public sealed record JournalWritten(string Journal, TimeSpan Duration);
