using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Orchestrator.Actors.Journals;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors;

/// <summary>Starts the actors of a process. The actor system must have <see cref="Serialization.OrchestratorSerialization.Config"/> in its configuration.</summary>
public static class OrchestratorActors
{
    /// <summary>Name of the manager of the supervisor below <c>/user</c>.</summary>
    public const string SupervisorName = "supervisor";

    /// <summary>Name of the proxy below <c>/user</c> that leads to the supervisor wherever it runs.</summary>
    public const string SupervisorProxyName = "supervisor-proxy";

    /// <summary>After the start of a process, which has enough to do until then; a supervisor that starts before it waits a second or two longer for its journal.</summary>
    private static readonly TimeSpan JournalWarmUpDelay = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Makes this process one that can host the supervisor, and returns the proxy that leads to it. Needs the cluster
    /// provider and a journal. Takes every <see cref="ISupervisorRequest"/>, answered by its reply or by <see cref="RequestFailed"/>.
    /// </summary>
    /// <param name="clusters">The configured clusters; equal in all processes that can host the supervisor.</param>
    public static IActorRef StartSupervisor(ActorSystem system, SupervisorOptions options, IReadOnlyList<ClusterDefinition> clusters)
    {
        system.Scheduler.Advanced.ScheduleOnce(JournalWarmUpDelay, () => system.ActorOf(JournalWarmUpActor.Props(), "journal-warm-up"));
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
