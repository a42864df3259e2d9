using Akka.Actor;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Translation;

namespace Orchestrator.Host.Composition;

/// <summary>
/// Keeps <see cref="Readiness"/> up to date with the state that the node of this process publishes, and with what the supervisor finds out about
/// itself. Owns nothing; nothing survives a restart but the readiness itself.
/// </summary>
internal sealed class ReadinessActor : ReceiveActor
{
    public ReadinessActor(string node, Readiness readiness)
    {
        // Only a restart helps: nothing makes it ready again.
        Receive<SupervisorOutranked>(outranked => Become(() =>
        {
            readiness.NotReady(outranked.Trouble);
            ReceiveAny(_ => { });
        }));
        Receive<NodeStateChanged>(change => change.Node == node, change =>
        {
            if (change.To is NodeState.Online or NodeState.Compacting or NodeState.SteppingDown)
            {
                readiness.Ready();
            }
            else
            {
                readiness.NotReady($"{node} is {change.To.ToText()}: {change.Reason}");
            }
        });
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(NodeStateChanged));
        Context.System.EventStream.Subscribe(Self, typeof(SupervisorOutranked));
    }
}
