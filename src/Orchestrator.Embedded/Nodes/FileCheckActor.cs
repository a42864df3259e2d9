using Akka.Actor;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Embedded.Nodes;

/// <summary>
/// Carries out one check of files: its collections one after another, since a check reads everything and clients read from the same
/// disk. The node, its parent, passes repeated orders on to it. Answers whoever ordered it last, then ends. Keeps nothing on disk.
/// </summary>
internal sealed class FileCheckActor : ReceiveActor, IWithTimers
{
    /// <summary>A check with a name ends when nobody has asked about it for this long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>For one collection; reading everything takes as long as the disk needs.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(6);

    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(1);

    private readonly NodeOptions options;
    private readonly VerifyCollections order;
    private readonly IReadOnlyList<(CollectionName Name, IActorRef Database)> collections;
    private readonly CancellationTokenSource cancellation = new();
    private readonly FileCheckWatch watch;
    private readonly List<CollectionVerdict> verdicts = [];
    private IActorRef requester;
    private DateTimeOffset askedAt;

    public FileCheckActor(
        NodeOptions options, VerifyCollections order, IReadOnlyList<(CollectionName Name, IActorRef Database)> collections, IActorRef requester)
    {
        this.options = options;
        this.order = order;
        this.collections = collections;
        this.requester = requester;
        watch = new FileCheckWatch(cancellation.Token);
        askedAt = options.Time.GetUtcNow();
        Receive<VerifyCollections>(_ =>
        {
            this.requester = Sender;
            askedAt = options.Time.GetUtcNow();
        });
        Receive<CollectionVerdict>(verdict =>
        {
            verdicts.Add(verdict);
            Next();
        });
        Receive<TellProgress>(_ => Tell());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(
        NodeOptions options, VerifyCollections order, IReadOnlyList<(CollectionName Name, IActorRef Database)> collections, IActorRef requester) =>
        Akka.Actor.Props.Create(() => new FileCheckActor(options, order, collections, requester));

    protected override void PreStart()
    {
        if (order.Id.Length > 0)
        {
            Tell();
            Timers.StartPeriodicTimer(TellProgress.Instance, TellProgress.Instance, TellInterval, TellInterval);
        }

        Next();
    }

    /// <summary>Whoever reads a collection for this check stops.</summary>
    protected override void PostStop() => cancellation.Cancel();

    private void Next()
    {
        if (verdicts.Count < collections.Count)
        {
            var (name, database) = collections[verdicts.Count];
            watch.Note("", 0, 0);
            Timers.StartSingleTimer("give-up", Verdicts.Failed(name, $"it has not been checked within {Longest.TotalHours:0} hours"), Longest);
            database.Tell(new VerifyCollection(name) { Watch = watch });
            return;
        }

        requester.Tell(new CollectionsVerified(options.Node, [.. verdicts]), Context.Parent);
        Context.Stop(Self);
    }

    private void Tell()
    {
        if (options.Time.GetUtcNow() - askedAt > Patience)
        {
            Context.Stop(Self);
            return;
        }

        var look = watch.Latest;
        requester.Tell(
            new FileCheckProgressed(
                options.Node,
                order.Id,
                new FileCheckProgress(
                    verdicts.Count < collections.Count ? collections[verdicts.Count].Name.ToString() : "",
                    look.Stage,
                    look.RowsDone,
                    look.RowsTotal,
                    verdicts.Count,
                    collections.Count)),
            Context.Parent);
    }

    private sealed record TellProgress : NodeInternal
    {
        public static TellProgress Instance { get; } = new();
    }
}
