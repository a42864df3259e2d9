using Akka.Actor;
using Akka.Event;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// The actors of runs, which own their histories: those of runs that have ended are read again after those of active runs, one after
/// another, and deleted with the runs that have left the list. A plain class on the supervisor's mailbox.
/// </summary>
internal sealed class RunActors(IReign reign)
{
    private readonly Dictionary<string, IActorRef> _actors = new(StringComparer.Ordinal);
    private readonly Queue<string> _unread = new();
    private string _forgetting = "";

    /// <summary>What is at work comes first; the others keep nobody waiting who does not ask for them.</summary>
    public void Recover()
    {
        foreach (var run in reign.State.Runs.Where(run => run.Active))
        {
            Start(run.RunId, isNew: false);
        }

        foreach (var run in reign.State.Runs.Where(run => !run.Active).TakeLast(reign.Options.RunsKept).Reverse())
        {
            _unread.Enqueue(run.RunId);
        }

        RecoverNext();
    }

    public void RecoverNext()
    {
        while (_unread.TryDequeue(out var next))
        {
            if (!_actors.ContainsKey(next) && reign.State.Find(next) is not null)
            {
                Start(next, isNew: false);
                return;
            }
        }
    }

    public IActorRef Start(string runId, bool isNew)
    {
        var actor = reign.Context.ActorOf(
            RunActor.Props(runId, reign.State.Epoch, isNew, OptionsFor(reign.State.Find(runId)?.Cluster ?? "")), $"run-{runId}");
        _actors[runId] = reign.Context.Watch(actor);
        return actor;
    }

    /// <summary>The actor of a run that is remembered; null if it is not.</summary>
    public IActorRef? Find(string runId) =>
        runId == _forgetting ? null
        : _actors.TryGetValue(runId, out var run) ? run
        : reign.State.Find(runId) is null ? null
        : Start(runId, isNew: false);

    /// <summary>Nothing happens if the run has no actor yet.</summary>
    public void Tell(string runId, object message) => _actors.GetValueOrDefault(runId)?.Tell(message);

    public bool IsForgetting(string runId) => runId == _forgetting;

    /// <summary>The oldest finished runs leave the list, one at a time, once their histories are deleted. After a failure the next reign tries again.</summary>
    /// <returns>The run that is leaving; null if none has begun to.</returns>
    public string? ForgetOldest()
    {
        if (_forgetting.Length > 0 || reign.State.Runs.Where(run => !run.Active).SkipLast(reign.Options.RunsKept).FirstOrDefault() is not { } old)
        {
            return null;
        }

        Find(old.RunId)!.Tell(new DeleteHistory());
        _forgetting = old.RunId;
        return old.RunId;
    }

    public void OnHistoryDeleted(HistoryDeleted deleted)
    {
        if (_actors.Remove(deleted.RunId, out var actor))
        {
            reign.Context.Unwatch(actor);
            reign.Context.Stop(actor);
        }

        reign.Store(new RunForgotten(deleted.RunId, reign.Now), () => _forgetting = "");
    }

    public void OnHistoryStays(HistoryStays stays) =>
        reign.Log.Warning("the history of run {0}, which has left the list of runs, stays in the journal: {1}", stays.RunId, stays.Reason);

    /// <summary>A run stops by itself when its journal fails, which is the supervisor's too: all begins anew, after a pause.</summary>
    public void OnStopped(Terminated stopped)
    {
        if (_actors.ContainsValue(stopped.ActorRef))
        {
            throw new InvalidOperationException($"{stopped.ActorRef.Path.Name} has stopped: its history could not be read or stored");
        }
    }

    /// <summary>A cluster may have a pause of its own between steps.</summary>
    private SupervisorOptions OptionsFor(string cluster) =>
        reign.SettleOf(cluster) is { } settle
            ? reign.Options with { Compaction = reign.Options.Compaction with { Settle = settle } }
            : reign.Options;
}
