using Orchestrator.Core.Nodes;

namespace Orchestrator.Embedded.Nodes;

/// <summary>What the node's place in its replica set means for each of its collections.</summary>
/// <param name="PromisedTerm">Nothing is confirmed to, or taken from, a primary of a lower term.</param>
/// <param name="Term">The term that is followed; 0 before the first appointment.</param>
/// <param name="Writes">Whether clients' writes are taken.</param>
/// <param name="ServesReads">Whether clients that want the primary's data are answered here.</param>
internal abstract record CollectionDuty(long PromisedTerm, long Term, WritePermission Writes, bool ServesReads)
{
    /// <summary>Pulls nothing and confirms nothing.</summary>
    public sealed record Idle(long PromisedTerm, long Term, WritePermission Writes)
        : CollectionDuty(PromisedTerm, Term, Writes, false);

    /// <summary>Pulls the feed of the appointment's primary.</summary>
    public sealed record Follow(long PromisedTerm, WritePermission Writes, Appointment Appointment)
        : CollectionDuty(PromisedTerm, Appointment.Term, Writes, false);

    /// <summary>Is appointed, and pulls what it lacks from the promiser that the appointment names.</summary>
    public sealed record CatchUp(long PromisedTerm, WritePermission Writes, Appointment Appointment)
        : CollectionDuty(PromisedTerm, Appointment.Term, Writes, false);

    /// <summary>Is primary.</summary>
    public sealed record Lead(long PromisedTerm, WritePermission Writes, bool ServesReads, Appointment Appointment)
        : CollectionDuty(PromisedTerm, Appointment.Term, Writes, ServesReads);
}
