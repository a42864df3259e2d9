using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Clusters;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// What the supervisor's parts use of it: plain classes on its mailbox, one for each subject. Only the supervisor has the journal, so that
/// what its parts decide is stored in one order.
/// </summary>
internal interface IReign
{
    SupervisorOptions Options { get; }

    /// <summary>What the journal adds up to.</summary>
    SupervisorState State { get; }

    /// <summary>What was last seen of every cluster.</summary>
    IReadOnlyDictionary<string, ClusterWatch> Clusters { get; }

    DateTimeOffset StartedAt { get; }

    DateTimeOffset Now => Options.Time.GetUtcNow();

    IActorContext Context { get; }

    IActorRef Self { get; }

    IActorRef Sender { get; }

    ILoggingAdapter Log { get; }

    /// <summary>The actor of a cluster; null if there is none of that name.</summary>
    IActorRef? ActorOf(string cluster);

    /// <summary>The pause between two steps on a cluster, where it has one of its own.</summary>
    TimeSpan? SettleOf(string cluster);

    /// <summary>Stores facts together, applies them, goes on.</summary>
    void Store(IReadOnlyList<SupervisorEvent> facts, Action then);

    /// <summary>Stores a fact, applies it, goes on.</summary>
    void Store(SupervisorEvent fact, Action then) => Store([fact], then);

    /// <summary>Replaces what a reign remembers without storing it.</summary>
    void Remember(Core.Operations.NodeConditionWatch conditions);

    /// <summary>Goes on with an answer on the supervisor's mailbox; no answer is <see cref="RequestFailed"/>.</summary>
    void Await(Task<object> answer, Action<object> then);

    /// <summary>Why there is no cluster of that name.</summary>
    RequestFailed NoSuchCluster(string name) => new(FailureCode.NotFound, Core.KnownNames.NoSuchCluster(name, Clusters.Keys), "");

    /// <summary>Hands a message on to a cluster's actor, which answers its sender.</summary>
    void Forward(string cluster, object message)
    {
        if (ActorOf(cluster) is { } actor)
        {
            actor.Tell(message, Sender);
        }
        else
        {
            Sender.Tell(NoSuchCluster(cluster));
        }
    }

    /// <summary>Asks a cluster's actor.</summary>
    Task<object> Ask(string cluster, object message, TimeSpan timeout) => ActorOf(cluster) is { } actor
        ? actor.Ask<object>(message, timeout)
        : Task.FromResult<object>(NoSuchCluster(cluster));
}
