using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <content>
/// The older entries of the audit trail: put into journals of their own by the segment, read from there, and deleted from there when there
/// are more than shall be kept. One of these is written or deleted at a time; what a death interrupts the next look does again.
/// </content>
internal sealed partial class SupervisorActor
{
    private const int MaxAuditReaders = 8;
    private static readonly TimeSpan AuditPause = TimeSpan.FromSeconds(30);
    private readonly HashSet<IActorRef> auditReaders = [];
    private bool isAuditAtWork;
    private DateTimeOffset auditRestsUntil = DateTimeOffset.MinValue;

    private void ReceiveAuditSegments()
    {
        Command<ReadAudit>(OnReadAudit);
        Command<AuditSegmentDone>(OnAuditSegmentDone);
        Command<AuditReaderEnded>(ended => auditReaders.Remove(ended.Reader));
        Command<AuditWorkFailed>(failed =>
        {
            // Entries stay in memory until they are stored away, so nothing is missing meanwhile.
            log.Warning("the audit trail's segment from entry {0} on could not be stored or deleted; it is tried again in {1}", failed.Job.First, AuditPause);
            isAuditAtWork = false;
            auditRestsUntil = Now + AuditPause;
        });
    }

    private void OnReadAudit(ReadAudit request)
    {
        var reading = state.Audit.Begin(request);
        if (!reading.NeedsSegments)
        {
            Sender.Tell(reading.Answer());
        }
        else if (auditReaders.Count >= MaxAuditReaders)
        {
            Sender.Tell(new RequestFailed(
                FailureCode.Unavailable, $"{MaxAuditReaders} questions about older entries of the audit trail are being answered already; try again", ""));
        }
        else
        {
            var reader = Context.ActorOf(AuditReaderActor.Props(reading, Sender));
            auditReaders.Add(Context.WatchWith(reader, new AuditReaderEnded(reader)));
        }
    }

    private void StoreAuditSegments()
    {
        if (isAuditAtWork || Now < auditRestsUntil)
        {
            return;
        }

        if (state.Audit.NextSegment() is { Count: > 0 } entries)
        {
            Work(new AuditSegmentJob.Write(entries));
        }
        else if (state.Audit.Unneeded(options.AuditKept) is { } old)
        {
            Work(new AuditSegmentJob.Delete(old.First));
        }
    }

    private void Work(AuditSegmentJob job)
    {
        isAuditAtWork = true;
        Context.WatchWith(Context.ActorOf(AuditSegmentActor.Props(job)), new AuditWorkFailed(job));
    }

    private void OnAuditSegmentDone(AuditSegmentDone done)
    {
        Context.Unwatch(Sender);
        Store(
            done.Job is AuditSegmentJob.Write
                ? new AuditSegmentStored(AuditSegment.Of(done.Entries), Now)
                : new AuditSegmentForgotten(done.Job.First, Now),
            then: () => isAuditAtWork = false);
    }

    private sealed record AuditReaderEnded(IActorRef Reader);

    private sealed record AuditWorkFailed(AuditSegmentJob Job);
}
