namespace Orchestrator.Actors.Supervisor;

/// <summary>The supervisor of this process has found that members obey another one. Published on the event stream, not sent to others.</summary>
/// <param name="Trouble">What it found and what helps, for the operator.</param>
public sealed record SupervisorOutranked(string Trouble);
