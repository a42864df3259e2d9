using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Orchestrator.Actors.Journals;
using Orchestrator.Core.Operations;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// Reads, stores or deletes one segment of the audit trail, tells its parent and stops. Owns the journal <c>audit-NUMBER</c>, which has one
/// event, or after its deletion none. If its journal fails it stops. Survives a restart: that journal.
/// </summary>
internal sealed class AuditSegmentActor : JournaledActor
{
    private readonly AuditSegmentJob job;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private AuditSegmentWritten? written;

    public AuditSegmentActor(AuditSegmentJob job)
    {
        this.job = job;
        Recover<AuditSegmentWritten>(fact => written = fact);
        Recover<RecoveryCompleted>(_ => Begin());
        Command<DeleteMessagesSuccess>(_ => End([]));
        Command<DeleteMessagesFailure>(failed =>
        {
            log.Warning("entries of the audit trail from {0} on stay in the journal: {1}", job.First, failed.Cause.Message);
            Context.Stop(Self);
        });
    }

    public override string PersistenceId => FormattableString.Invariant($"audit-{job.First}");

    public override Recovery Recovery => new(SnapshotSelectionCriteria.None);

    public static Props Props(AuditSegmentJob job) => Akka.Actor.Props.Create(() => new AuditSegmentActor(job));

    private void Begin()
    {
        switch (job)
        {
            case AuditSegmentJob.Delete when LastSequenceNr > 0:
                DeleteMessages(LastSequenceNr);
                break;
            case AuditSegmentJob.Write write when written is null:
                Persist(new AuditSegmentWritten(write.Entries), fact => End(fact.Entries));
                break;
            default:
                // Also a segment that a reign before has stored, but did not live to note: it has the same entries.
                End(written?.Entries ?? []);
                break;
        }
    }

    private void End(IReadOnlyList<AuditEntry> entries)
    {
        Context.Parent.Tell(new AuditSegmentDone(job, entries));
        Context.Stop(Self);
    }
}

/// <summary>What is to be done with a segment.</summary>
/// <param name="First">Number of its first entry.</param>
internal abstract record AuditSegmentJob(long First)
{
    public sealed record Read(long First) : AuditSegmentJob(First);

    /// <param name="Entries">Not none.</param>
    public sealed record Write(IReadOnlyList<AuditEntry> Entries) : AuditSegmentJob(Entries[0].Sequence);

    public sealed record Delete(long First) : AuditSegmentJob(First);
}

/// <param name="Entries">What the segment holds; none once it is deleted.</param>
internal sealed record AuditSegmentDone(AuditSegmentJob Job, IReadOnlyList<AuditEntry> Entries) : LocalMessage;

/// <summary>A segment of the audit trail, the only event in its journal.</summary>
public sealed record AuditSegmentWritten(IReadOnlyList<AuditEntry> Entries);
