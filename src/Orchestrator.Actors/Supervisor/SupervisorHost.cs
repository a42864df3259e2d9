using Akka.Actor;
using Akka.Pattern;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// What the cluster singleton is: a back-off supervisor that keeps one <see cref="SupervisorActor"/> below it, forwards everything to
/// it, and starts it again, after a pause, when it has failed or stopped, as it does when its journal fails. Meanwhile every request is
/// answered that the supervisor is unavailable.
/// </summary>
internal static class SupervisorHost
{
    /// <summary>Name of the supervisor below its host.</summary>
    public const string ChildName = "reign";

    private const int LongestPause = 32;

    // Processes that lost their journal together do not have to come back together.
    private const double RandomFactor = 0.2;

    // Of restarts.
    private const int NoLimit = -1;

    private static readonly RequestFailed _unavailable = new(
        FailureCode.Unavailable, "the supervisor's journal failed; the supervisor restarts", "");

    public static Props Props(Props supervisor, SupervisorOptions options)
    {
        var longest = options.RestartBackoff * LongestPause;
        return BackoffSupervisor.Props(
            Backoff.OnStop(supervisor, ChildName, options.RestartBackoff, longest, RandomFactor, NoLimit)
                .WithAutoReset(longest)
                .WithDefaultStoppingStrategy()
                .WithReplyWhileStopped(_unavailable));
    }
}
