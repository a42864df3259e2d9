using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Members;

/// <summary>
/// Stands for one member of a cluster, whatever its engine, over the engine's driver. Owns the member's driver calls: they
/// run off the mailbox, and a completion that comes after its time is recognised. Anyone may send it an
/// <see cref="INodeCommand"/>. Keeps nothing over a restart: the run knows the id of its job and orders it to be watched.
/// </summary>
internal sealed class MemberActor : ReceiveActor
{
    private const int FinishedKept = 16;

    private readonly IEngineCluster _cluster;
    private readonly TracedMember _driver;
    private readonly JobWatch _watch;
    private readonly MemberLooks _looks;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Action _changed;
    private readonly Dictionary<CompactionTicket, MemberJob> _jobs = [];
    private CompactionLedger _compactions = CompactionLedger.Empty;
    private IActorRef _supervisor = ActorRefs.Nobody;
    private long _epoch;
    private bool _transferring;

    public MemberActor(IEngineCluster cluster, IReadOnlyList<string> replicaSets, string name, TimeProvider time)
    {
        _cluster = cluster;
        _driver = new TracedMember(cluster, cluster.Member(name));
        _watch = new JobWatch(cluster, _driver);
        _looks = new MemberLooks(cluster, _driver, replicaSets, time);
        var self = Self;
        _changed = () => self.Tell(Changed.Instance);
        Receive<INodeCommand>(OnCommand);
        Receive<AddressKnown>(_looks.Know);
        Receive<Changed>(_ => OnChanged());
        Receive<MemberLooks.Seen>(OnSeen);
        Receive<MemberLooks.NotSeen>(OnNotSeen);
        Receive<Stepped>(OnStepped);
        Receive<Controlled>(OnControlled);
        Receive<TransferEnded>(OnTransferEnded);
    }

    public static Props Props(IEngineCluster cluster, IReadOnlyList<string> replicaSets, string name, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new MemberActor(cluster, replicaSets, name, time));

    protected override void PreStart() => _driver.StateChanged += _changed;

    protected override void PostStop()
    {
        _driver.StateChanged -= _changed;
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private void OnCommand(INodeCommand command)
    {
        if (command.Epoch < _epoch)
        {
            Sender.Tell(Refusal(RefusalCode.StaleEpoch, $"epoch {command.Epoch} is outdated; this member obeys epoch {_epoch}"));
            return;
        }

        _epoch = command.Epoch;
        switch (command)
        {
            case ObserveNode:
                _supervisor = Sender;
                OnChanged();
                break;
            case TakeInventory inventory:
                _looks.Measure(inventory, Sender, Self, Refusal, _stopping.Token);
                break;
            case CompactUnits order:
                OnCompactUnits(order);
                break;
            case CancelCompaction cancel:
                OnCancel(cancel);
                break;
            case PauseCompaction pause:
                Control(pause.Ticket, _looks.Capabilities.CanPause, "pause", (work, id) => _driver.Pause(work.Order, id, _stopping.Token));
                break;
            case ThrottleCompaction throttle:
                var limit = Math.Max(0, throttle.MaxBytesPerSecond);
                Control(throttle.Ticket, _looks.Capabilities.CanThrottle, "throttle", (work, id) => _driver.Throttle(work.Order, id, limit, _stopping.Token));
                break;
            case TransferPrimary transfer:
                OnTransfer(transfer);
                break;
            default:
                Sender.Tell(Refusal(RefusalCode.Invalid, $"{_cluster.Engine} has {MissingCommand.Of(command)}"));
                break;
        }
    }

    private void OnChanged()
    {
        Look();
        foreach (var job in _jobs.Values.ToList())
        {
            Step(job);
        }
    }

    private void Look() => _looks.Look(Self, _stopping.Token);

    /// <summary>A job is shown once its id is known: the run stores what it sees.</summary>
    private List<CompactionStatus> Shown() => [.. _compactions.All.Where(status => status is not CompactionRunning { Job: null })];

    private void OnSeen(MemberLooks.Seen seen)
    {
        _looks.OnSeen(seen, Shown());
        _supervisor.Tell(_looks.Last);
    }

    private void OnNotSeen(MemberLooks.NotSeen failed)
    {
        _looks.OnNotSeen(failed, Shown(), _jobs.Values.Any(job => job is { Work.Id: not null, Trouble: "" }));
        _supervisor.Tell(_looks.Last);
    }

    private void OnCompactUnits(CompactUnits order)
    {
        var mode = order.Settings.Mode;
        var whyInvalid = mode.Length > 0 && !_looks.Capabilities.Modes.Contains(mode) ? _looks.UnknownMode(mode) : "";

        // What is at work already is watched whatever the member's role is by now; a driver that begins one looks at the role itself.
        var isPrimary = _looks.Last.Role == MemberRole.Primary && !order.Repeated;
        _compactions = _compactions with { IsShared = _looks.ReplicaSets.Count > 1, Most = _looks.ReplicaSets.Count > 1 ? _looks.Capabilities.MostJobs() : 1 };
        switch (_compactions.Admit(order, isPrimary, whyInvalid, _ => ""))
        {
            case CompactionAdmission.Known { Status: CompactionRunning { Job: null } }:
                var known = _jobs[order.Ticket];
                known.Asker = Sender;
                known.Work = known.Work with { LookOnly = order.LookOnly };
                break;
            case CompactionAdmission.Known admission:
                Sender.Tell(admission.Status);
                break;
            case CompactionAdmission.Refused refused:
                Sender.Tell(Refusal(refused.Code, refused.Reason) with { Ticket = order.Ticket });
                break;
            case CompactionAdmission.Start when _transferring:
                Sender.Tell(Refusal(RefusalCode.Busy, $"{_driver.Name} is handing its role over; order {order.Ticket.Step} again") with { Ticket = order.Ticket });
                break;
            case CompactionAdmission.Start start:
                Begin(order, start.Status);
                break;
        }
    }

    private void Begin(CompactUnits order, CompactionRunning status)
    {
        var how = order.Job is { } job ? $"watches job {job}" : order.Repeated ? "looks for the compaction" : "compacts";
        _log.Info("{0} on {1} for run {2}, step {3}, attempt {4} {5}", how, _driver.Name, order.Ticket.RunId, order.Ticket.Step, order.Ticket.Attempt, order.Settings.Comment);
        status = status with { Job = order.Job };
        _compactions = _compactions.Begin(order.Ticket, FinishedKept).Beside(status);
        var begun = new MemberJob(new JobWork(JobOrder.Of(order), order.Job, order.Repeated) { LookOnly = order.LookOnly }, Sender);
        _jobs[order.Ticket] = begun;
        if (order.Job is not null)
        {
            Sender.Tell(status);
        }

        Step(begun);
        Look();
    }

    /// <summary>One step of a job at a time; the next tick takes the next.</summary>
    private void Step(MemberJob job)
    {
        if (!job.IsStepping)
        {
            job.IsStepping = true;
            var ticket = job.Work.Order.Ticket;
            _watch.Step(job.Work, _stopping.Token).PipeTo(
                Self, Self, news => new Stepped(ticket, news), error => new Stepped(ticket, new JobNews.NoAnswer(error.Message)));
        }
    }

    private void OnStepped(Stepped stepped)
    {
        if (!_jobs.TryGetValue(stepped.Ticket, out var job))
        {
            return;
        }

        job.IsStepping = false;
        job.Trouble = stepped.News is JobNews.NoAnswer silent ? silent.Reason : "";
        if (job.Work.Id is not null)
        {
            Context.System.EventStream.Publish(new JobPolled(_cluster.Name, _cluster.Engine, stepped.News.Outcome));
        }

        switch (stepped.News)
        {
            case JobNews.Began began:
                OnBegan(job, began.Id);
                break;
            case JobNews.Lost lost:
                job.Work = job.Work with { Looks = true, Trouble = lost.Reason };
                break;
            case JobNews.NotBegun when job.Work.LookOnly:
                Forget(stepped.Ticket);
                job.Asker.Tell(UnknownHere(stepped.Ticket));
                break;
            case JobNews.NotBegun when _looks.Last.State is NodeState.Online or NodeState.Compacting:
                job.Work = job.Work with { Looks = false };
                Step(job);
                break;
            case JobNews.Told told:
                OnTold(job, told.Status);
                break;
        }
    }

    private void OnBegan(MemberJob job, JobId id)
    {
        var isCancelled = job.Work.IsCancelled;
        job.Work = job.Work with { Id = id, HasClaim = !job.Work.Looks };
        var running = (CompactionRunning)_compactions.Find(job.Work.Order.Ticket)! with { Job = id };
        _compactions = _compactions.Beside(running);
        job.Asker.Tell(running);
        if (isCancelled)
        {
            Cancel(job.Work, id);
        }

        OnChanged();
    }

    private void OnTold(MemberJob job, JobStatus status)
    {
        var ticket = job.Work.Order.Ticket;
        switch (status)
        {
            case JobStatus.Running running:
                job.Work = job.Work with { HasClaim = true };
                _compactions = _compactions.Beside(new CompactionRunning(ticket, running.Progress) { Job = job.Work.Id });
                break;
            case JobStatus.Succeeded done:
                End(job, new CompactionSucceeded(ticket, done.Units) { Judged = done.Judged });
                break;
            case JobStatus.Failed failed:
                End(job, new CompactionFailed(ticket, failed.Reason, failed.Units) { IsPermanent = failed.IsPermanent });
                break;
            case JobStatus.Paused paused:
                End(job, new CompactionPaused(ticket, paused.Units, paused.Progress));
                break;
        }
    }

    /// <summary>Whoever ordered it is told at once; if that is lost, the next looks show it.</summary>
    private void End(MemberJob job, CompactionStatus ended)
    {
        var how = ended switch
        {
            CompactionFailed failed => $"failed: {failed.Reason}",
            CompactionSucceeded { Judged.Length: > 0 } done => $"done, {done.Judged}",
            CompactionPaused => "paused",
            _ => "done",
        };
        _log.Info("the compaction of {0} for run {1}, step {2} is {3}", _driver.Name, ended.Ticket.RunId, ended.Ticket.Step, how);
        _jobs.Remove(ended.Ticket);
        _compactions = _compactions.Finish(ended, FinishedKept);
        job.Asker.Tell(ended);
        Look();
    }

    private void Forget(CompactionTicket ticket)
    {
        _jobs.Remove(ticket);
        _compactions = _compactions with { Running = _compactions.Running.RemoveAll(running => running.Ticket == ticket) };
    }

    private void OnCancel(CancelCompaction cancel)
    {
        if (_compactions.Find(cancel.Ticket) is not { } status)
        {
            Sender.Tell(UnknownHere(cancel.Ticket));
            return;
        }

        if (status is CompactionRunning && _looks.Capabilities.CanCancel && _jobs.GetValueOrDefault(cancel.Ticket) is { Work.IsCancelled: false } job)
        {
            job.Work = job.Work with { IsCancelled = true };
            if (job.Work.Id is { } id)
            {
                Cancel(job.Work, id);
            }
        }

        Sender.Tell(status);
    }

    private void Cancel(JobWork work, JobId id) => Send(() => _driver.Cancel(work.Order, id, _stopping.Token), "cancel");

    /// <summary>An order to a job at work, if the engine has such orders; answered with where the attempt stands.</summary>
    private void Control(CompactionTicket ticket, bool isPossible, string what, Func<JobWork, JobId, Task> order)
    {
        if (_compactions.Find(ticket) is not { } status)
        {
            Sender.Tell(UnknownHere(ticket));
        }
        else if (!isPossible)
        {
            Sender.Tell(Refusal(RefusalCode.Invalid, $"{_cluster.Engine} cannot {what} a compaction") with { Ticket = ticket });
        }
        else
        {
            if (status is CompactionRunning && _jobs.GetValueOrDefault(ticket) is { Work: { Id: { } id } work })
            {
                Send(() => order(work, id), what);
            }

            Sender.Tell(status);
        }
    }

    private void Send(Func<Task> order, string what) =>
        order().PipeTo(Self, Self, () => new Controlled(what, ""), error => new Controlled(what, error.Message));

    private void OnControlled(Controlled controlled)
    {
        if (controlled.Failure.Length > 0)
        {
            _log.Warning("{0}: the order to {1} its compaction failed: {2}", _driver.Name, controlled.What, controlled.Failure);
        }

        OnChanged();
    }

    private void OnTransfer(TransferPrimary transfer)
    {
        if (transfer.ExpectedPrimary != _driver.Name || !_looks.ReplicaSets.Contains(transfer.ReplicaSet))
        {
            Sender.Tell(Refusal(RefusalCode.Invalid, $"this is {_driver.Name} of {string.Join(", ", _looks.ReplicaSets)}, not {transfer.ExpectedPrimary} of {transfer.ReplicaSet}"));
            return;
        }

        if (_transferring || _jobs.Count > 0)
        {
            Sender.Tell(Refusal(RefusalCode.Busy, $"{_driver.Name} {(_transferring ? "is handing its role over already" : "compacts")}"));
            return;
        }

        _transferring = true;
        var asker = Sender;
        _driver.StepDown(transfer.ReplicaSet, transfer.To, transfer.Ticket, _stopping.Token).PipeTo(
            Self,
            Self,
            term => new TransferEnded(asker, new PrimaryTransferred(_driver.Name, transfer.ReplicaSet, transfer.To, term), ""),
            error => new TransferEnded(asker, null, error.Message));
    }

    private void OnTransferEnded(TransferEnded ended)
    {
        _transferring = false;
        ended.Asker.Tell(ended.Moved is { } moved ? moved : Refusal(RefusalCode.WrongState, ended.Failure));
        Look();
    }

    private CommandRefused UnknownHere(CompactionTicket ticket) =>
        Refusal(RefusalCode.NotFound, $"run {ticket.RunId}, step {ticket.Step}, attempt {ticket.Attempt} is unknown here") with { Ticket = ticket };

    private CommandRefused Refusal(RefusalCode code, string reason) => new(_driver.Name, code, reason, _epoch, _looks.Last.Term);

    private sealed record Stepped(CompactionTicket Ticket, JobNews News) : LocalMessage;

    private sealed record Controlled(string What, string Failure) : LocalMessage;

    private sealed record TransferEnded(IActorRef Asker, PrimaryTransferred? Moved, string Failure) : LocalMessage;

    private sealed record Changed : LocalMessage
    {
        public static Changed Instance { get; } = new();
    }
}
