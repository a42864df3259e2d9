using Akka.Actor;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Translation;

namespace Orchestrator.Host.Composition;

/// <summary>
/// Keeps <see cref="Readiness"/> up to date with the state that the node of this process publishes, and with what the supervisor finds out about
/// itself. Owns nothing; nothing survives a restart but the readiness itself.
/// </summary>
internal sealed class ReadinessActor : ReceiveActor
{
    private readonly Readiness _readiness;
    private string _obstacle = "The process is starting.";
    private string _unheard = "";

    public ReadinessActor(string node, Readiness readiness)
    {
        _readiness = readiness;

        // Only a restart helps: nothing makes it ready again.
        Receive<SupervisorOutranked>(outranked => Become(() =>
        {
            readiness.NotReady(outranked.Trouble);
            ReceiveAny(_ => { });
        }));
        Receive<NodeStateChanged>(change => change.Node == node, change =>
        {
            _obstacle = change.To is NodeState.Online or NodeState.Compacting or NodeState.SteppingDown
                ? ""
                : $"{node} is {change.To.ToText()}: {change.Reason}";
            Tell();
        });
        Receive<PrimaryUnheard>(unheard => unheard.Node == node, unheard =>
        {
            _unheard = unheard.Reason;
            Tell();
        });
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(NodeStateChanged));
        Context.System.EventStream.Subscribe(Self, typeof(PrimaryUnheard));
        Context.System.EventStream.Subscribe(Self, typeof(SupervisorOutranked));
    }

    private void Tell()
    {
        var obstacle = _obstacle.Length > 0 ? _obstacle : _unheard;
        if (obstacle.Length == 0)
        {
            _readiness.Ready();
        }
        else
        {
            _readiness.NotReady(obstacle);
        }
    }
}
