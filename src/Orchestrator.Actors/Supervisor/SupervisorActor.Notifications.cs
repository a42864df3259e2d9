using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <content>How far webhooks have been told: kept by a child with a journal of its own, so that telling them never holds up anything else.</content>
internal sealed partial class SupervisorActor
{
    private IActorRef notifications = ActorRefs.Nobody;

    private void ReceiveNotifications()
    {
        Command<INotificationRequest>(request =>
        {
            if (notifications.Equals(ActorRefs.Nobody))
            {
                Sender.Tell(new RequestFailed(FailureCode.Unavailable, "the journal of the webhooks' places failed; it is opened again", ""));
            }
            else
            {
                notifications.Forward(request);
            }
        });
        Command<NotificationsEnded>(_ =>
        {
            // Its journal failed. Webhooks wait for it, nothing else does.
            log.Warning("the journal of the webhooks' places failed; it is opened again in {0}", options.RestartBackoff);
            notifications = ActorRefs.Nobody;
            Timers.StartSingleTimer("notifications", StartNotificationsAgain.Instance, options.RestartBackoff);
        });
        Command<StartNotificationsAgain>(_ => StartNotifications());
    }

    private void StartNotifications() =>
        notifications = Context.WatchWith(Context.ActorOf(NotificationPlacesActor.Props(options.Time), "notifications"), NotificationsEnded.Instance);

    private sealed record NotificationsEnded
    {
        public static NotificationsEnded Instance { get; } = new();
    }

    private sealed record StartNotificationsAgain
    {
        public static StartNotificationsAgain Instance { get; } = new();
    }
}
