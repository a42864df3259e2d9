using Akka.Actor;
using Akka.Event;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>
/// What the parts of a collection's actor use of it: plain classes on its mailbox, one for each subject. Writing storage work goes through
/// its one lane, so that it has one order.
/// </summary>
internal interface ICollection
{
    CollectionName Name { get; }

    /// <summary>Which collection of that name it is.</summary>
    int Incarnation { get; }

    NodeOptions Options { get; }

    DateTimeOffset Now => Options.Time.GetUtcNow();

    /// <summary>The open files; null before they are opened.</summary>
    CollectionStore Store { get; }

    StorageLane Lane { get; }

    CollectionDuty Duty { get; }

    /// <summary>The last change that every member has on disk, as far as is known here.</summary>
    long HeldByAllThrough { get; }

    /// <summary>What the node was told last.</summary>
    CollectionReport LastReport { get; }

    /// <summary>The node's actor.</summary>
    IActorRef Node { get; }

    IActorRef Self { get; }

    IActorRef Sender { get; }

    IActorContext Context { get; }

    ITimerScheduler Timers { get; }

    ILoggingAdapter Log { get; }

    /// <summary>Tells the node where the collection stands, if that has changed.</summary>
    void Report();

    /// <summary>
    /// A part of the files is damaged. What does not touch it goes on; others hear of it: a member with sound files is to be primary, this one to be rebuilt.
    /// </summary>
    void NoteDamage(string reason);

    /// <summary>The files cannot be used any more; everything is refused with the reason from here on.</summary>
    void Fail(string reason, Exception error);
}
