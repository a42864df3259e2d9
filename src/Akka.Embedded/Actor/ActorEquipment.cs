namespace Akka.Actor;

/// <summary>Gives an instance the stash and timers it asks for by its interfaces, and takes them back.</summary>
internal static class ActorEquipment
{
    public static void Attach(ActorCell cell, ActorBase actor)
    {
        if (actor is IActorStash stashing)
        {
            stashing.Stash = cell.CreateStash();
        }

        if (actor is IWithTimers timed)
        {
            timed.Timers = new TimerScheduler(cell);
        }
    }

    /// <summary>Ends the timers and puts stashed messages back: before a restart to be handled, before the end to become dead letters.</summary>
    public static void Detach(ActorBase actor)
    {
        (actor as IWithTimers)?.Timers?.CancelAll();
        (actor as IActorStash)?.Stash?.UnstashAll();
    }
}
