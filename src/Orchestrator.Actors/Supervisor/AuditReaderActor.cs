using Akka.Actor;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// Answers one question about older entries of the audit trail: has their segments read one after another, until it has enough. A child of
/// the supervisor, which goes on meanwhile. Keeps nothing.
/// </summary>
internal sealed class AuditReaderActor : ReceiveActor
{
    private readonly AuditReading reading;
    private readonly IActorRef asker;

    public AuditReaderActor(AuditReading reading, IActorRef asker)
    {
        this.reading = reading;
        this.asker = asker;
        Receive<AuditSegmentDone>(done =>
        {
            Context.Unwatch(Sender);
            reading.Add(done.Entries);
            GoOn();
        });
        Receive<Terminated>(_ => End(new RequestFailed(FailureCode.Unavailable, "the journal that has older entries of the audit trail cannot be read; try again", "")));
    }

    public static Props Props(AuditReading reading, IActorRef asker) => Akka.Actor.Props.Create(() => new AuditReaderActor(reading, asker));

    protected override void PreStart() => GoOn();

    private void GoOn()
    {
        if (reading.NextSegment() is { } segment)
        {
            Context.Watch(Context.ActorOf(AuditSegmentActor.Props(new AuditSegmentJob.Read(segment.First))));
        }
        else
        {
            End(reading.Answer());
        }
    }

    private void End(object answer)
    {
        asker.Tell(answer);
        Context.Stop(Self);
    }
}
