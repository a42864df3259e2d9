using Akka.Actor;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>An external cluster as the supervisor has it in its reign.</summary>
internal sealed class ExternalCluster(IEngineCluster engine)
{
    /// <summary>Requests that may wait for the first look.</summary>
    public const int MaxWaiting = 100;

    public IEngineCluster Engine => engine;

    /// <summary>Discovers the members and holds the claim.</summary>
    public IActorRef Actor { get; set; } = ActorRefs.Nobody;

    /// <summary>The members' actors.</summary>
    public IReadOnlyList<IActorRef> Nodes { get; set; } = [];

    /// <summary>Why its members are not known; null once they are.</summary>
    public RequestFailed? Trouble { get; set; }

    /// <summary>Whether every member has been looked at, or the members could not be found.</summary>
    public bool IsSeen { get; set; }

    /// <summary>What was asked before that.</summary>
    public List<(object Request, IActorRef Sender)> Waiting { get; } = [];

    /// <summary>Transfers of the primary under way, by replica set.</summary>
    public Dictionary<string, PendingTransfer> Transfers { get; } = new(StringComparer.Ordinal);
}

/// <summary>A transfer of the primary that has been ordered.</summary>
/// <param name="Requester">Whom to answer.</param>
/// <param name="From">The primary that hands its role over.</param>
/// <param name="Deadline">When it is given up.</param>
internal sealed record PendingTransfer(IActorRef Requester, string From, DateTimeOffset Deadline);
