namespace Orchestrator.Actors.Members;

/// <summary>A member that is driven from this process was asked how a job stands. Published on the event stream.</summary>
/// <param name="Outcome">Running, succeeded, failed, paused or no-answer.</param>
public sealed record JobPolled(string Cluster, string Engine, string Outcome);
