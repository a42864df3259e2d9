using Akka.Actor;
using Akka.Persistence;
using Orchestrator.Actors.Journals;
using Orchestrator.Core;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

using RunDecision = Decision<RunEvent, RunEffect, RunReply>;

/// <summary>
/// Carries out one run. Owns its journal (<c>run-ID</c>). The supervisor, its parent, creates it, shows it the cluster
/// on every tick and forwards readers; nodes answer it its orders. Survives a restart: everything that was stored, which
/// is everything it acts upon.
/// </summary>
internal sealed class RunActor : JournaledActor, IWithTimers
{
    private readonly string runId;
    private readonly long epoch;
    private readonly bool isNew;
    private readonly SupervisorOptions options;
    private readonly List<RecordedRunEvent> history = [];
    private readonly List<WaitingEventReader> readers = [];
    private readonly Dictionary<string, CompactionTicket> lastOrders = new(StringComparer.Ordinal);
    private readonly RunVerifications verifications;
    private RunState state = RunState.Initial;
    private IReadOnlyList<CompactionStatus> observed = [];
    private LookAt? lastLook;
    private ProgressMark lastProgress = new("", "", 0, 0, "");

    public RunActor(string runId, long epoch, bool isNew, SupervisorOptions options)
    {
        this.runId = runId;
        this.epoch = epoch;
        this.isNew = isNew;
        this.options = options;
        verifications = new RunVerifications(runId, epoch, options.Time);
        Recover<RunEvent>(Apply);
        Recover<RecoveryCompleted>(_ => OnRecovered());
        Command<BeginRun>(begin => Carry(new CreateRun(runId, begin.Plan, Now) { Origin = begin.Origin }, Sender));
        Command<IRunControl>(OnControl);
        Command<LookAt>(OnLookAt);
        Command<LookAgain>(_ => OnLookAgain());
        Command<MemberChanged>(changed => IfExists(() => Carry(new RecordNodeState(changed.Change, Now), ActorRefs.Nobody)));
        Command<CompactionStatus>(status => Carry(new ReportCompaction(status, Now), ActorRefs.Nobody));
        Command<CommandRefused>(OnRefused);
        Command<VerificationView>(view => verifications.Note(view, Sender));
        Command<VerificationEnded>(OnVerificationEnded);
        Command<StepDownAnswered>(answered => Carry(answered.Report, ActorRefs.Nobody));
        Command<GetRun>(_ => AnswerWithView(Sender));
        Command<ReadRunEvents>(OnReadRunEvents);
        Command<CheckReaders>(_ => AnswerReaders());
        Command<NoAnswer>(_ => { });
        Command<DeleteHistory>(_ => DeleteMessages(LastSequenceNr));
        Command<DeleteMessagesSuccess>(_ => Context.Parent.Tell(new HistoryDeleted(runId)));
        Command<DeleteMessagesFailure>(failed => Context.Parent.Tell(new HistoryStays(runId, failed.Cause.Message)));
    }

    public override string PersistenceId => $"run-{runId}";

    public ITimerScheduler Timers { get; set; } = null!;

    private DateTimeOffset Now => options.Time.GetUtcNow();

    /// <param name="isNew">Whether <see cref="BeginRun"/> follows; else the run must have a history.</param>
    public static Props Props(string runId, long epoch, bool isNew, SupervisorOptions options) =>
        Akka.Actor.Props.Create(() => new RunActor(runId, epoch, isNew, options));

    private void OnRecovered()
    {
        if (state is ExistingRun run)
        {
            Report(run, RunProjection.View(run, observed));
        }
        else if (!isNew)
        {
            Context.Parent.Tell(new RunNeverBegan(runId));
        }
    }

    private void IfExists(Action act)
    {
        if (state is ExistingRun)
        {
            act();
        }
    }

    /// <summary>An order acts at once, by the last look at the cluster, instead of at the next tick.</summary>
    private void OnControl(IRunControl order)
    {
        Carry(new ControlRun(order, Now) { Snapshot = lastLook?.Snapshot }, Sender);
        Self.Tell(LookAgain.Instance);
    }

    /// <summary>By the last look of now, not of when it was ordered: a gate may have been shut since.</summary>
    private void OnLookAgain()
    {
        if (lastLook is { } look)
        {
            OnLookAt(look);
        }
    }

    private void OnLookAt(LookAt look) => IfExists(() =>
    {
        lastLook = look;
        observed = [.. verifications.Progress, .. look.Snapshot.Members.SelectMany(member => member.Observation.Compactions)];
        Carry(new AssessRun(look.Snapshot, look.Gate, Now), ActorRefs.Nobody);
        NoteProgress();
    });

    /// <summary>Decide, store, apply, act, answer: in this order, whatever happens between.</summary>
    private void Carry(RunCommand command, IActorRef sender)
    {
        var decision = RunDecider.Decide(state, command, options.Compaction);
        if (decision.Events.Count == 0)
        {
            Finish(decision, sender);
            return;
        }

        var begun = Begun();
        StoreAll(decision.Events, "run", options.Time, Apply, () =>
        {
            Finish(decision, sender);
            verifications.EndBut(state, Self);
            var run = (ExistingRun)state;
            var view = RunProjection.View(run, observed);
            Report(run, view);
            AnswerReaders(view);
            if (state is RunningRun && options.Compaction.Settle < options.ObserveInterval && decision.Events.Any(happened => happened is MemberCompacted))
            {
                Context.Parent.Tell(new LookForRun(Cluster));
            }

            Context.System.EventStream.Publish(new RunHappened(view, decision.Events, begun));
        });
    }

    private Dictionary<int, DateTimeOffset> Begun() => state is ExistingRun run
        ? run.Steps.OfType<StartedStep>().ToDictionary(step => step.Step.Number, step => step.FirstStartedAt)
        : [];

    private void Apply(RunEvent stored)
    {
        state = RunDecider.Apply(state, stored);
        history.Add(new RecordedRunEvent(history.Count + 1, stored));
    }

    private void Finish(RunDecision decision, IActorRef sender)
    {
        foreach (var effect in decision.Effects)
        {
            Act(effect);
        }

        switch (decision.Reply)
        {
            case RunReply.Accepted:
                AnswerWithView(sender);
                break;
            case RunReply.Rejected rejected:
                sender.Tell(rejected.Failure);
                break;
        }
    }

    private void Act(RunEffect effect)
    {
        switch (effect)
        {
            case SendCompactUnits send:
                Order(send.Node, new CompactUnits(epoch, send.Ticket, send.Units, send.Settings)
                {
                    Before = send.Before,
                    Job = send.Job,
                    Repeated = send.Repeated,
                    LookOnly = send.LookOnly,
                }, send.Ticket);
                break;
            case CancelNodeCompaction cancel:
                Order(cancel.Node, new CancelCompaction(epoch, cancel.Ticket), cancel.Ticket);
                break;
            case PauseNodeCompaction pause:
                Order(pause.Node, new PauseCompaction(epoch, pause.Ticket), pause.Ticket);
                break;
            case ThrottleNodeCompaction throttle:
                // A refusal would be taken for that of an attempt; whoever looks at the member sees its rate.
                Context.Parent.Tell(
                    new OrderToNode(Cluster, throttle.Node, new ThrottleCompaction(epoch, throttle.Ticket, throttle.MaxBytesPerSecond)),
                    ActorRefs.NoSender);
                break;
            case VerifyMember verify:
                verifications.Carry(verify, Cluster, Context);
                break;
            case MeasureMember measure:
                Context.Parent.Tell(new MeasureForRun(Cluster, measure));
                break;
            case OrderStepDown order:
                AskForStepDown(order);
                break;
            default:
                throw new InvalidOperationException($"unknown effect {effect.GetType().Name}");
        }
    }

    private string Cluster => ((ExistingRun)state).Plan.Request.Cluster;

    /// <summary>No answer is no failure: the next look at the cluster shows what the node does.</summary>
    private void Order(string node, INodeCommand command, CompactionTicket ticket)
    {
        lastOrders[node] = ticket;
        Context.Parent.Tell(new OrderToNode(Cluster, node, command));
    }

    private void OnRefused(CommandRefused refusal)
    {
        // Members of an older version do not say which order it was.
        if ((refusal.Ticket ?? lastOrders.GetValueOrDefault(refusal.Node)) is { } ticket)
        {
            Carry(new ReportRefusal(ticket, refusal, Now), ActorRefs.Nobody);
        }
    }

    private void OnVerificationEnded(VerificationEnded ended)
    {
        if (verifications.TakeEnded(Sender, Context) is { } step)
        {
            Carry(new ReportVerification(step.Step, step.Attempt, VerificationOutcome.Of(ended.View), Now), ActorRefs.Nobody);
        }
    }

    private void AskForStepDown(OrderStepDown order) =>
        Context.Parent.Ask<object>(
            new RequestStepDown(Cluster, order.ReplicaSet, order.ExpectedPrimary, order.To)
            {
                By = $"run {runId}",
                Ticket = new CompactionTicket(runId, order.Step, order.Attempt),
            },
            options.Compaction.StepDownTimeout).PipeTo(
            Self,
            Self,
            answer => answer switch
            {
                StepDownCompleted completed => new StepDownAnswered(new ReportStepDown(order.Step, order.Attempt, completed, Now)),
                RequestFailed failed => new StepDownAnswered(new ReportStepDownFailure(order.Step, order.Attempt, failed, Now)),
                _ => NoAnswer.Instance,
            },
            _ => NoAnswer.Instance);

    private void AnswerWithView(IActorRef sender) => sender.Tell(state is ExistingRun run
        ? RunProjection.View(run, observed)
        : new RequestFailed(FailureCode.NotFound, $"there is no run '{runId}'", ""));

    private static void Report(ExistingRun run, RunView view) => Context.Parent.Tell(new RunReported(view, run is EndedRun));

    private void NoteProgress()
    {
        if (state is not ExistingRun run)
        {
            return;
        }

        var view = RunProjection.View(run, observed);
        var progress = new ProgressMark(
            view.State,
            view.Reason,
            view.BytesFreed,
            view.Steps.Sum(step => step.Fraction),
            string.Join(' ', view.Steps.Select(step => step.Progress?.Stage).Where(stage => stage is not null)));
        if (progress != lastProgress)
        {
            lastProgress = progress;
            Report(run, view);
            AnswerReaders(view);
        }
    }

    private void OnReadRunEvents(ReadRunEvents request)
    {
        if (state is not ExistingRun run)
        {
            AnswerWithView(Sender);
            return;
        }

        // Nothing more comes from a run that has ended.
        var wait = request.Wait < options.LongestEventWait ? request.Wait : options.LongestEventWait;
        if (history.Count > request.After || wait <= TimeSpan.Zero || run is EndedRun || readers.Count >= options.MaxWaitingReaders)
        {
            AnswerEvents(RunProjection.View(run, observed), request.After, Sender);
            return;
        }

        readers.Add(new WaitingEventReader(Sender, request.After, Now + wait));
        if (!Timers.IsTimerActive(CheckReaders.Instance))
        {
            Timers.StartPeriodicTimer(CheckReaders.Instance, CheckReaders.Instance, TimeSpan.FromMilliseconds(250));
        }
    }

    /// <param name="view">The run as it has just become, of which all are told; null if only those are answered whose time is over.</param>
    private void AnswerReaders(RunView? view = null)
    {
        var now = Now;
        var answered = readers.Where(reader => view is not null || reader.Deadline <= now).ToList();
        if (answered.Count > 0 && state is ExistingRun run)
        {
            view ??= RunProjection.View(run, observed);
            answered.ForEach(reader => AnswerEvents(view, reader.After, reader.Sender));
        }

        readers.RemoveAll(answered.Contains);
        if (readers.Count == 0)
        {
            Timers.Cancel(CheckReaders.Instance);
        }
    }

    private void AnswerEvents(RunView view, long after, IActorRef reader)
    {
        var from = (int)Math.Clamp(after, 0, history.Count);
        var events = history.GetRange(from, Math.Min(options.MaxEventsPerAnswer, history.Count - from));
        reader.Tell(new RunEventBatch([.. events.Select(Outlined)], view with { Plan = view.Plan with { ReplicaSets = [] } }));
    }

    private static RecordedRunEvent Outlined(RecordedRunEvent recorded) =>
        recorded.Event is RunPlanned planned ? recorded with { Event = planned with { Plan = planned.Plan.Outline() } } : recorded;

    private sealed record WaitingEventReader(IActorRef Sender, long After, DateTimeOffset Deadline);

    private sealed record ProgressMark(string State, string Reason, long BytesFreed, double Fractions, string Stages);

    private sealed record StepDownAnswered(RunCommand Report) : LocalMessage;

    private sealed record CheckReaders : LocalMessage
    {
        public static CheckReaders Instance { get; } = new();
    }

    private sealed record NoAnswer : LocalMessage
    {
        public static NoAnswer Instance { get; } = new();
    }
}
