using Akka;
using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Replication;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors;

/// <summary>Starts the actors of a process. The actor system must have <see cref="Serialization.OrchestratorSerialization.Config"/> in its configuration.</summary>
public static class OrchestratorActors
{
    /// <summary>Name of the node actor below <c>/user</c>.</summary>
    public const string NodeName = "node";

    /// <summary>Name of the manager of the supervisor below <c>/user</c>.</summary>
    public const string SupervisorName = "supervisor";

    /// <summary>Name of the proxy below <c>/user</c> that leads to the supervisor wherever it runs.</summary>
    public const string SupervisorProxyName = "supervisor-proxy";

    // Longer than a phase of a coordinated shutdown may take by default.
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Starts the database node of this process at <c>/user/node</c>. It takes every <see cref="DataRequest"/>
    /// (answered by a <see cref="DataReply"/>) and every <see cref="Core.Nodes.INodeCommand"/>.
    /// </summary>
    /// <param name="feeds">How members read each other's change feeds; <see cref="HttpFeedClient"/> in production. The caller disposes it after the system.</param>
    /// <remarks>A coordinated shutdown of the system waits, as long as its phases may take, until the node has released its files.</remarks>
    public static IActorRef StartNode(ActorSystem system, NodeOptions options, IFeedClient feeds)
    {
        var node = system.ActorOf(NodeActor.Props(options, feeds), NodeName);
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceStop, "release-files", async () =>
        {
            await node.GracefulStop(ReleasePatience, ReleaseFiles.Instance).ConfigureAwait(false);
            return Done.Instance;
        });
        return node;
    }

    /// <summary>
    /// Makes this process one that can host the supervisor, and returns the proxy that leads to it. Needs the cluster
    /// provider and a journal. Takes every <see cref="ISupervisorRequest"/>, answered by its reply or by <see cref="RequestFailed"/>.
    /// </summary>
    /// <param name="clusters">The configured clusters; equal in all processes that can host the supervisor.</param>
    public static IActorRef StartSupervisor(ActorSystem system, SupervisorOptions options, IReadOnlyList<ClusterDefinition> clusters)
    {
        var settings = ClusterSingletonManagerSettings.Create(system).WithRole(options.Role);
        system.ActorOf(
            ClusterSingletonManager.Props(SupervisorActor.Props(options, clusters), PoisonPill.Instance, settings),
            SupervisorName);
        return StartSupervisorProxy(system, options);
    }

    /// <summary>Starts only the proxy, in a process that cannot host the supervisor itself.</summary>
    public static IActorRef StartSupervisorProxy(ActorSystem system, SupervisorOptions options)
    {
        var settings = ClusterSingletonProxySettings.Create(system).WithRole(options.Role);
        return system.ActorOf(ClusterSingletonProxy.Props($"/user/{SupervisorName}", settings), SupervisorProxyName);
    }
}
