using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http;

/// <summary>
/// What this process last knew about its own readiness. Probes read it; they never ask an actor, so that a busy mailbox
/// does not make Kubernetes restart a node that is only busy.
/// </summary>
internal sealed class Readiness
{
    private volatile HealthDto state = new("not-ready", "The process is starting.");

    /// <summary>The latest state.</summary>
    public HealthDto Current => state;

    public bool IsReady => state.Status == "ready";

    public void Ready() => state = new HealthDto("ready", "");

    /// <param name="reason">What is missing, as a sentence.</param>
    public void NotReady(string reason) => state = new HealthDto("not-ready", reason);
}
