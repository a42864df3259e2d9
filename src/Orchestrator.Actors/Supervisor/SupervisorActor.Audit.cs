using Akka.Actor;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;

namespace Orchestrator.Actors.Supervisor;

/// <content>Who ordered what: in the journal as long as any fact, the last entries to be read.</content>
internal sealed partial class SupervisorActor
{
    // Entries of one message are numbered before the first of them is stored.
    private long lastAudit;

    private void ReceiveAudit() => Command<ReadAudit>(request => Sender.Tell(state.Audit.Read(request)));

    /// <summary>Stores an entry of the audit trail.</summary>
    /// <param name="cluster">Empty for everywhere.</param>
    private void Audit(string by, string action, string cluster, string subject, string detail)
    {
        lastAudit = Math.Max(lastAudit, state.Audit.Last);
        var entry = (state.Audit with { Last = lastAudit++ }).Next(Now, by, action, cluster, subject, detail);
        Store(new AuditRecorded(entry, entry.At), () => { });
    }

    /// <summary>An order to a run that exists; whether the run can follow it is for the run to say.</summary>
    private void Audit(IRunControl control)
    {
        if (state.Find(control.RunId) is { } run)
        {
            var (action, detail) = control switch
            {
                PauseRun pause => ("pause-run", pause.Reason),
                ResumeRun => ("resume-run", ""),
                CancelRun cancel => ("cancel-run", cancel.Reason),
                ApproveRun => ("approve-run", ""),
                ThrottleRun throttle => ("throttle-run", throttle.MaxBytesPerSecond == 0
                    ? "unlimited"
                    : $"{Core.ByteText.Of(throttle.MaxBytesPerSecond)}/s"),
                _ => (control.GetType().Name, ""),
            };
            Audit(control.By, action, run.Cluster, run.RunId, detail);
        }
    }
}
