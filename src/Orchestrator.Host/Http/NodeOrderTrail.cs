using Orchestrator.Actors.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Http;

/// <summary>
/// Tells the supervisor what was ordered of this process's node directly, past it, for the audit trail. A node follows orders also while
/// there is no supervisor; those stand in its log alone.
/// </summary>
internal sealed class NodeOrderTrail(SupervisorGateway supervisor, NodeCluster cluster, ILogger<NodeOrderTrail> log)
{
    /// <summary>A translation of replies that also notes the order with what came of it.</summary>
    public Func<DataReply, IResult?> Noting(HttpContext http, string action, string detail, Func<DataReply, IResult?> translate) => reply =>
    {
        var refusal = reply switch
        {
            OrderRefused refused => refused.Reason,
            DataUnavailable unavailable => unavailable.Reason,
            _ => "",
        };
        var by = http.Caller().Name;
        log.LogInformation("{By} ordered {Action} of this node ({Detail}): {Outcome}", by, action, detail, refusal.Length == 0 ? "accepted" : refusal);
        supervisor.Tell(new RecordOrder(by, action, cluster.Name, cluster.Node, detail, refusal));
        return translate(reply);
    };
}
