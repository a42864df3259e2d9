using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// The older entries of the audit trail: put into journals of their own by the segment, read from there, and deleted from there when there
/// are more than shall be kept. One of these is written or deleted at a time; what a death interrupts the next look does again. A plain
/// class on the supervisor's mailbox.
/// </summary>
internal sealed class AuditSegments(IReign reign)
{
    private const int MaxReaders = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);
    private readonly HashSet<IActorRef> _readers = [];
    private bool _isAtWork;
    private DateTimeOffset _restsUntil = DateTimeOffset.MinValue;

    public void OnRead(ReadAudit request)
    {
        var reading = reign.State.Audit.Begin(request);
        if (!reading.NeedsSegments)
        {
            reign.Sender.Tell(reading.Answer());
        }
        else if (_readers.Count >= MaxReaders)
        {
            reign.Sender.Tell(new RequestFailed(
                FailureCode.Unavailable, $"{MaxReaders} requests for older entries of the audit trail are already being answered; try again", ""));
        }
        else
        {
            var reader = reign.Context.ActorOf(AuditReaderActor.Props(reading, reign.Sender));
            _readers.Add(reign.Context.WatchWith(reader, new ReaderEnded(reader)));
        }
    }

    public void OnReaderEnded(ReaderEnded ended) => _readers.Remove(ended.Reader);

    public void StoreOrDeleteNext()
    {
        if (_isAtWork || reign.Now < _restsUntil)
        {
            return;
        }

        if (reign.State.Audit.NextSegment() is { Count: > 0 } entries)
        {
            Work(new AuditSegmentJob.Write(entries));
        }
        else if (reign.State.Audit.Unneeded(reign.Options.AuditKept) is { } old)
        {
            Work(new AuditSegmentJob.Delete(old.First));
        }
    }

    public void OnDone(AuditSegmentDone done)
    {
        reign.Context.Unwatch(reign.Sender);
        reign.Store(
            done.Job is AuditSegmentJob.Write
                ? new AuditSegmentStored(AuditSegment.Of(done.Entries), reign.Now)
                : new AuditSegmentForgotten(done.Job.First, reign.Now),
            then: () => _isAtWork = false);
    }

    public void OnFailed(WorkFailed failed)
    {
        // Entries stay in memory until they are stored away, so nothing is missing meanwhile.
        reign.Log.Warning("the audit trail's segment from entry {0} on could not be stored or deleted; retrying in {1}", failed.Job.First, Pause);
        _isAtWork = false;
        _restsUntil = reign.Now + Pause;
    }

    private void Work(AuditSegmentJob job)
    {
        _isAtWork = true;
        reign.Context.WatchWith(reign.Context.ActorOf(AuditSegmentActor.Props(job)), new WorkFailed(job));
    }

    internal sealed record ReaderEnded(IActorRef Reader);

    internal sealed record WorkFailed(AuditSegmentJob Job);
}
