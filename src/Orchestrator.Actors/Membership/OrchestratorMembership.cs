using Akka;
using Akka.Actor;
using Akka.Cluster;

namespace Orchestrator.Actors.Membership;

/// <summary>Starts what makes a process a member of the cluster and keeps the cluster one.</summary>
public static class OrchestratorMembership
{
    /// <summary>Name of the actor below <c>/user</c> that joins, and tells others where the cluster is.</summary>
    public const string JoinName = "join";

    /// <remarks>A coordinated shutdown of the last member releases the claim, so that the next start need not wait.</remarks>
    public static void Start(ActorSystem system, MembershipOptions options)
    {
        var identity = new ClusterIdentity();
        system.ActorOf(Props.Create(() => new JoinActor(options, identity)), JoinName);
        system.ActorOf(Props.Create(() => new LinkActor(options)), "links");
        system.ActorOf(Props.Create(() => new MemberLogActor()), "member-log");
        if (options.Claim is not { } claim || !options.CanFound)
        {
            return;
        }

        system.ActorOf(Props.Create(() => new ClaimActor(options, identity)), "claim");
        var cluster = Cluster.Get(system);
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "release-claim", async () =>
        {
            if (identity.Cluster.Length > 0 && MembershipView.Living(cluster).All(member => member.UniqueAddress.Equals(cluster.SelfUniqueAddress)))
            {
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
                try
                {
                    await claim.Release(identity.Cluster, limit.Token).ConfigureAwait(false);
                }
                catch (Exception e) when (e is System.Data.Common.DbException or OperationCanceledException or IOException)
                {
                    // It runs out by itself.
                }
            }

            return Done.Instance;
        });
    }
}
