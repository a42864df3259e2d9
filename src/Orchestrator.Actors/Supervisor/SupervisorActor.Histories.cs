using Akka.Actor;
using Akka.Event;

namespace Orchestrator.Actors.Supervisor;

/// <content>
/// The histories of runs that have ended: read again after those of active runs, one after another, and deleted with the runs
/// that have left the list.
/// </content>
internal sealed partial class SupervisorActor
{
    private readonly Queue<string> unread = new();
    private string forgetting = "";

    private void ReceiveHistories()
    {
        Command<HistoryDeleted>(OnHistoryDeleted);
        Command<HistoryStays>(stays => log.Warning("the history of run {0}, which has left the list of runs, stays in the journal: {1}", stays.RunId, stays.Reason));
    }

    /// <summary>What is at work comes first; the others keep nobody waiting who does not ask for them.</summary>
    private void RecoverRuns()
    {
        foreach (var run in state.Runs.Where(run => run.Active))
        {
            StartRunActor(run.RunId, isNew: false);
        }

        foreach (var run in state.Runs.Where(run => !run.Active).TakeLast(options.RunsKept).Reverse())
        {
            unread.Enqueue(run.RunId);
        }

        RecoverNextRun();
    }

    private void RecoverNextRun()
    {
        while (unread.TryDequeue(out var next))
        {
            if (!runActors.ContainsKey(next) && state.Find(next) is not null)
            {
                StartRunActor(next, isNew: false);
                return;
            }
        }
    }

    /// <summary>The actor of a run that is remembered; null if it is not.</summary>
    private IActorRef? ActorOf(string runId) =>
        runId == forgetting ? null
        : runActors.TryGetValue(runId, out var run) ? run
        : state.Find(runId) is null ? null
        : StartRunActor(runId, isNew: false);

    /// <summary>The oldest finished runs leave the list, one at a time, once their histories are deleted. After a failure the next reign tries again.</summary>
    private void ForgetOldRuns()
    {
        if (forgetting.Length == 0 && state.Runs.Where(run => !run.Active).SkipLast(options.RunsKept).FirstOrDefault() is { } old)
        {
            ActorOf(old.RunId)!.Tell(new DeleteHistory());
            forgetting = old.RunId;
            runViews.Remove(old.RunId);
        }
    }

    private void OnHistoryDeleted(HistoryDeleted deleted)
    {
        if (runActors.Remove(deleted.RunId, out var actor))
        {
            Context.Unwatch(actor);
            Context.Stop(actor);
        }

        Store(new RunForgotten(deleted.RunId, Now), () => forgetting = "");
    }
}
