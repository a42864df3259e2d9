using Akka.Actor;
using Orchestrator.Actors.Journals;
using Orchestrator.Actors.Members;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Host.Telemetry;

/// <summary>
/// Hands to <see cref="OrchestratorMetrics"/> what the supervisor, its runs, their journals and the members publish in this process. Owns nothing; nobody
/// sends it anything; nothing survives a restart but the counts themselves.
/// </summary>
internal sealed class MetricsActor : ReceiveActor
{
    private static readonly Type[] Published = [typeof(SupervisorPicture), typeof(SupervisorEnded), typeof(RunHappened), typeof(JournalWritten), typeof(JobPolled), typeof(WritesHeld)];

    public MetricsActor(OrchestratorMetrics metrics)
    {
        Receive<SupervisorPicture>(metrics.Show);
        Receive<SupervisorEnded>(_ => metrics.Hide());
        Receive<RunHappened>(metrics.Note);
        Receive<JournalWritten>(metrics.Note);
        Receive<JobPolled>(metrics.Note);
        Receive<WritesHeld>(metrics.Note);
    }

    protected override void PreStart()
    {
        foreach (var type in Published)
        {
            Context.System.EventStream.Subscribe(Self, type);
        }
    }
}
