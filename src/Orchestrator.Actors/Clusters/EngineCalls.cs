using Akka.Actor;
using Orchestrator.Actors.Members;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Clusters;

/// <summary>
/// The calls to an engine's cluster that its actor makes: they run off the mailbox, discoveries and renewals one at a time, and come back as
/// messages. A plain class on the actor's mailbox.
/// </summary>
internal sealed class EngineCalls(IEngineCluster engine) : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private bool _discovering;
    private bool _renewing;

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    /// <summary>Comes back as <see cref="Discovered"/> or <see cref="NotDiscovered"/>.</summary>
    public void Discover(IActorRef self)
    {
        if (!_discovering)
        {
            _discovering = true;
            engine.Discover(_stopping.Token).PipeTo(self, self, found => new Discovered(found), error => new NotDiscovered(error.Message, ToFailure(error)));
        }
    }

    /// <summary>To be called with each answer to <see cref="Discover"/>.</summary>
    public void EndDiscovery() => _discovering = false;

    /// <summary>Comes back as <see cref="Renewed"/>.</summary>
    public void Renew(IActorRef self)
    {
        if (!_renewing)
        {
            _renewing = true;
            engine.Renew(_stopping.Token).PipeTo(self, self, () => Renewed.Instance, _ => Renewed.Instance);
        }
    }

    /// <summary>To be called with each answer to <see cref="Renew"/>.</summary>
    public void EndRenewal() => _renewing = false;

    /// <summary>The asker is answered with <see cref="ClusterClaimed"/> or <see cref="RequestFailed"/>.</summary>
    public void Claim(string runId, IActorRef asker, IActorRef self) => DriverCalls.Trace(
        "claim cluster", RunTrace.Run(runId), engine, "", () => engine.Claim(runId, _stopping.Token)).PipeTo(
        asker,
        self,
        note =>
        {
            if (note.Length > 0)
            {
                self.Tell(new ClaimNoted(note));
            }

            return new ClusterClaimed(runId);
        },
        ToFailure);

    /// <summary>A claim that cannot be given back ends by itself.</summary>
    public void Release(string runId) =>
        DriverCalls.Trace("release cluster", RunTrace.Run(runId), engine, "", () => engine.Release(runId, _stopping.Token)).PipeTo(ActorRefs.Nobody);

    private static RequestFailed ToFailure(Exception error) => new(
        error is EngineException failed ? Code(failed.Fault) : FailureCode.Unavailable,
        error.Message,
        "");

    private static FailureCode Code(EngineFault fault) => fault switch
    {
        EngineFault.Claimed => FailureCode.Conflict,
        EngineFault.WrongState or EngineFault.Denied or EngineFault.Misconfigured => FailureCode.Refused,
        _ => FailureCode.Unavailable,
    };

    internal sealed record Discovered(EngineTopology Topology) : LocalMessage;

    internal sealed record NotDiscovered(string Reason, RequestFailed Failure) : LocalMessage;

    internal sealed record ClaimNoted(string Sentence) : LocalMessage;

    internal sealed record Renewed : LocalMessage
    {
        public static Renewed Instance { get; } = new();
    }
}
