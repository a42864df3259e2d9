using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// How far webhooks have been told: kept by a child with a journal of its own, so that telling them never holds up anything else. A plain
/// class on the supervisor's mailbox.
/// </summary>
internal sealed class NotificationBook(IReign reign)
{
    private IActorRef _places = ActorRefs.Nobody;

    public void Start() => _places = reign.Context.WatchWith(
        reign.Context.ActorOf(NotificationPlacesActor.Props(reign.Options.Time), "notifications"), Ended.Instance);

    public void OnRequest(INotificationRequest request)
    {
        if (_places.Equals(ActorRefs.Nobody))
        {
            reign.Sender.Tell(new RequestFailed(FailureCode.Unavailable, "the journal of the webhooks' places failed; it is opened again", ""));
        }
        else
        {
            _places.Forward(request);
        }
    }

    /// <summary>Its journal failed. Webhooks wait for it, nothing else does.</summary>
    public void OnEnded(ITimerScheduler timers)
    {
        reign.Log.Warning("the journal of the webhooks' places failed; it is opened again in {0}", reign.Options.RestartBackoff);
        _places = ActorRefs.Nobody;
        timers.StartSingleTimer(StartAgain.Instance, StartAgain.Instance, reign.Options.RestartBackoff);
    }

    internal sealed record Ended
    {
        public static Ended Instance { get; } = new();
    }

    internal sealed record StartAgain
    {
        public static StartAgain Instance { get; } = new();
    }
}
