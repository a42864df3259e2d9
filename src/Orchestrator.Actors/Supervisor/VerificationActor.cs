using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// Carries out one verification: has a member check its files, then compares the members' copies, collection by collection. Its parent,
/// the supervisor or a run, asks how it stands and is told its end (<see cref="VerificationEnded"/>). Keeps nothing on disk: after a change
/// of supervisor whoever has ordered it begins it anew, and the member goes on with the check of the same name, or ends it by itself.
/// </summary>
internal sealed class VerificationActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromSeconds(5);

    private readonly VerificationTask task;
    private readonly CancellationTokenSource cancellation = new();
    private readonly IActorRef parent = Context.Parent;
    private VerificationView view;
    private MembersToCompare? members;
    private DateTimeOffset askedAt;
    private volatile Tuple<string, long, long>? compared;

    public VerificationActor(VerificationTask task)
    {
        this.task = task;
        askedAt = Now;
        view = new VerificationView(
            task.Id, task.Order.Cluster, task.Order.Node, task.Order.Database, task.Order.Collection, task.Order.By,
            VerificationPhase.CheckingFiles, "", task.StartedAt, Now, null, FileCheckProgress.None, [], []);
        Receive<GetVerification>(_ =>
        {
            askedAt = Now;
            Sender.Tell(Look());
        });
        Receive<CancelVerification>(order =>
        {
            End(VerificationPhase.Cancelled, $"{order.By} stopped it");
            Sender.Tell(view);
        });
        Receive<Repeat>(_ => OnRepeat());
        Receive<FileCheckProgressed>(progressed => WhileAtWork(() => view = view with { HeardAt = Now, Progress = progressed.Progress }));
        Receive<CommandRefused>(refused => WhileAtWork(() => End(VerificationPhase.Failed, $"{refused.Node}: {refused.Reason}")));
        Receive<CollectionsVerified>(verified => WhileAtWork(() => OnFilesChecked(verified)));
        Receive<MembersToCompare>(known => WhileAtWork(() => OnMembersKnown(known)));
        Receive<CollectionComparison>(comparison => WhileAtWork(() => OnCompared(comparison)));
        Receive<Status.Failure>(failure => WhileAtWork(() => End(VerificationPhase.Failed, $"the members cannot be compared: {failure.Cause.Message}")));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private DateTimeOffset Now => task.Time.GetUtcNow();

    private bool AtWork => view.FinishedAt is null;

    public static Props Props(VerificationTask task) => Akka.Actor.Props.Create(() => new VerificationActor(task));

    protected override void PreStart() => Timers.StartPeriodicTimer(Repeat.Instance, Repeat.Instance, TimeSpan.Zero, RepeatInterval);

    protected override void PostStop() => cancellation.Cancel();

    private void WhileAtWork(Action act)
    {
        if (AtWork)
        {
            act();
        }
    }

    private VerificationView Look() => AtWork && compared is { } at
        ? view with
        {
            HeardAt = Now,
            Progress = new FileCheckProgress(at.Item1, "compare", at.Item2, at.Item3, view.Comparisons.Count, view.Collections.Count),
        }
        : view;

    /// <summary>The order to the member is also what keeps its check going.</summary>
    private void OnRepeat()
    {
        if (view.Phase == VerificationPhase.CheckingFiles && Now - view.HeardAt > task.Patience)
        {
            End(VerificationPhase.Failed, $"{view.Node} has not answered for {task.Patience.TotalSeconds:0} seconds");
        }
        else if (AtWork && Now - askedAt > task.Patience)
        {
            End(VerificationPhase.Cancelled, $"nobody has asked about it for {task.Patience.TotalSeconds:0} seconds");
        }
        else if (view.Phase == VerificationPhase.CheckingFiles)
        {
            task.Supervisor.Tell(
                Order(view.Node, new VerifyCollections(task.Epoch, view.Database, view.Collection) { Id = view.Id, Collections = task.Collections }), Self);
        }
        else if (AtWork && members is null)
        {
            ListMembers();
        }
    }

    /// <summary>A repeated order that has met the end of the check has begun another one, of which nobody has any use.</summary>
    private void OnFilesChecked(CollectionsVerified verified)
    {
        if (view.Phase == VerificationPhase.CheckingFiles)
        {
            view = view with { HeardAt = Now, Phase = VerificationPhase.Comparing, Collections = verified.Collections };
            CancelFileCheck();
            ListMembers();
        }
    }

    private void CancelFileCheck() => task.Supervisor.Tell(Order(view.Node, new CancelFileCheck(task.Epoch, view.Id)), Self);

    private void ListMembers() => task.Supervisor.Tell(new ListMembersToCompare(task.Order.Cluster, task.Order.Node));

    private void OnMembersKnown(MembersToCompare known)
    {
        if (members is null)
        {
            members = known;
            CompareNext(known);
        }
    }

    private void CompareNext(MembersToCompare members)
    {
        if (view.Comparisons.Count == view.Collections.Count)
        {
            End(VerificationPhase.Completed, "");
            return;
        }

        var next = view.Collections[view.Comparisons.Count];
        var name = $"{next.Database}/{next.Collection}";
        compared = Tuple.Create(name, 0L, 0L);
        var comparison = new MemberComparison(
            task.Epoch,
            next.Database,
            next.Collection,
            members.Primary,
            members.Present.ToDictionary(
                member => member,
                member => (AskMember)((command, stop) => task.Supervisor.Ask<object>(Order(member, command), task.AnswerTimeout, stop)),
                StringComparer.Ordinal),
            task.Time,
            (done, total) => compared = Tuple.Create(name, done, total));
        Task.Run(() => comparison.Run(cancellation.Token)).PipeTo(Self);
    }

    private void OnCompared(CollectionComparison comparison)
    {
        view = view with
        {
            HeardAt = Now,
            Comparisons =
            [
                .. view.Comparisons,
                comparison with
                {
                    NotCompared = [.. comparison.NotCompared, .. members!.Absent.Select(node => new MemberNotCompared(node, "it does not answer"))],
                },
            ],
        };
        CompareNext(members);
    }

    /// <summary>The supervisor knows under which actor a member is to be found, also after the member's restart.</summary>
    private OrderToNode Order(string node, INodeCommand command) => new(task.Order.Cluster, node, command);

    private void End(VerificationPhase phase, string reason)
    {
        if (!AtWork)
        {
            return;
        }

        view = Look() with { Phase = phase, Reason = reason, FinishedAt = Now };
        cancellation.Cancel();
        Timers.CancelAll();
        CancelFileCheck();
        parent.Tell(new VerificationEnded(view));
    }

    private sealed record Repeat : LocalMessage
    {
        public static Repeat Instance { get; } = new();
    }
}

/// <summary>What a verification needs.</summary>
/// <param name="StartedAt">When it was begun first, perhaps by a former supervisor.</param>
/// <param name="Supervisor">Knows the members, and under which actors they are to be found.</param>
internal sealed record VerificationTask(
    string Id, StartVerification Order, DateTimeOffset StartedAt, long Epoch, IActorRef Supervisor, TimeProvider Time)
{
    /// <summary>Only these collections; empty for what the order says.</summary>
    public IReadOnlyList<DocumentsUnit> Collections { get; init; } = [];

    /// <summary>How long the member may be silent, and how long the verification goes on when nobody asks for it.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>For one answer of a member, which reads at most some 32 MiB for it.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>
/// Asks the supervisor for <see cref="MembersToCompare"/>: of the replica set of a member. At the beginning of a reign it is not answered
/// before the members had the time to answer: ask again.
/// </summary>
internal sealed record ListMembersToCompare(string Cluster, string Node) : LocalMessage;

/// <param name="Primary">The set's primary; empty for none.</param>
/// <param name="Present">Members of the set that answer.</param>
/// <param name="Absent">Members of the set that do not.</param>
internal sealed record MembersToCompare(string Primary, IReadOnlyList<string> Present, IReadOnlyList<string> Absent) : LocalMessage;

/// <summary>A verification has ended.</summary>
internal sealed record VerificationEnded(VerificationView View) : LocalMessage;
