using Akka;
using Akka.Actor;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Replication;

namespace Orchestrator.Embedded;

/// <summary>Starts the database node of a process.</summary>
public static class EmbeddedNode
{
    /// <summary>Name of the node actor below <c>/user</c>.</summary>
    public const string Name = "node";

    // Longer than a phase of a coordinated shutdown may take by default.
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Starts the database node of this process at <c>/user/node</c>. It takes every <see cref="DataRequest"/>
    /// (answered by a <see cref="DataReply"/>) and every <see cref="Core.Nodes.INodeCommand"/>.
    /// </summary>
    /// <param name="feeds">How members read each other's change feeds; <see cref="HttpFeedClient"/> in production. The caller disposes it after the system.</param>
    /// <remarks>A coordinated shutdown of the system waits, as long as its phases may take, until the node has released its files.</remarks>
    public static IActorRef Start(ActorSystem system, NodeOptions options, IFeedClient feeds)
    {
        var node = system.ActorOf(NodeActor.Props(options, feeds), Name);
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceStop, "release-files", async () =>
        {
            await node.GracefulStop(ReleasePatience, ReleaseFiles.Instance).ConfigureAwait(false);
            return Done.Instance;
        });
        return node;
    }
}
