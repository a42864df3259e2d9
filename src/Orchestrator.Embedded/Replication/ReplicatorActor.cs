using Akka.Actor;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Embedded.Replication;

/// <summary>Where a replicator pulls from, and on whose behalf.</summary>
/// <param name="Generation">Goes into every answer.</param>
/// <param name="Address">Base URL of the source.</param>
/// <param name="Term">The term that this member follows.</param>
/// <param name="Incarnation">Which collection of its name is asked for.</param>
internal sealed record ReplicationSource(long Generation, string Address, long Term, int Incarnation = 1);

/// <summary>
/// Asks one source for one collection's changes on behalf of the collection actor, its parent, which applies them and
/// then asks for more. It has one question under way at a time and nothing on disk; after a failure it pauses, longer each
/// time, and asks again by itself.
/// </summary>
internal sealed class ReplicatorActor : ReceiveActor, IWithTimers
{
    private readonly CollectionName collection;
    private readonly ReplicationSource source;
    private readonly NodeOptions options;
    private readonly IFeedClient feeds;
    private readonly Random random;
    private readonly CancellationTokenSource stopped = new();
    private NodeInternal question = new PullAfter(FeedPosition.Empty, 0, false);
    private int failures;

    public ReplicatorActor(CollectionName collection, ReplicationSource source, NodeOptions options, IFeedClient feeds)
    {
        this.collection = collection;
        this.source = source;
        this.options = options;
        this.feeds = feeds;
        random = new Random(options.Seed);
        Receive<PullAfter>(AskNext);
        Receive<FetchVersions>(AskNext);
        Receive<PullAgainLater>(message =>
        {
            question = message.Question;
            PauseThenAsk();
        });
        Receive<AskAgain>(_ => Ask(question));
        Receive<Answered>(OnAnswered);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(CollectionName collection, ReplicationSource source, NodeOptions options, IFeedClient feeds) =>
        Akka.Actor.Props.Create(() => new ReplicatorActor(collection, source, options, feeds));

    /// <summary>The pause after so many failures in a row: doubles up to the limit, of which a random half is used so that members spread out.</summary>
    internal static TimeSpan Pause(ReplicationOptions options, int failures, double random)
    {
        var full = options.MinBackoff * Math.Pow(2, Math.Clamp(failures - 1, 0, 20));
        var bounded = full < options.MaxBackoff ? full : options.MaxBackoff;
        return bounded * (0.5 + (0.5 * random));
    }

    protected override void PostStop()
    {
        stopped.Cancel();
    }

    /// <summary>The parent has made use of the last answer; one that it could not use is a failure too.</summary>
    private void AskNext(NodeInternal next)
    {
        failures = 0;
        Ask(next);
    }

    private void Ask(NodeInternal next)
    {
        question = next;
        AnswerAsync(next).PipeTo(Self, Self, failure: error => new Answered(new PullFailed(source.Generation, error.Message)));
    }

    private async Task<Answered> AnswerAsync(NodeInternal next)
    {
        using var timeout = new CancellationTokenSource(options.Replication.PollWait + options.Replication.Timeout, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopped.Token);
        return new Answered(next switch
        {
            PullAfter pull => await PullAsync(pull, either.Token).ConfigureAwait(false),
            FetchVersions fetch => await FetchAsync(fetch.Ids, either.Token).ConfigureAwait(false),
            _ => throw new InvalidOperationException($"unknown question {next}"),
        });
    }

    private async Task<NodeInternal> PullAsync(PullAfter pull, CancellationToken cancellation)
    {
        var request = new ReadChanges(
            collection.Database,
            collection.Collection,
            pull.Position.Seq,
            options.Replication.BatchChanges,
            pull.Waits ? options.Replication.PollWait : TimeSpan.Zero,
            Reader(pull));
        var answer = await feeds.ReadChangesAsync(source.Address, request, cancellation).ConfigureAwait(false);
        return answer is ChangesRead or HistoryParted
            ? new Pulled(source.Generation, answer)
            : new PullFailed(source.Generation, Describe(answer));
    }

    private async Task<NodeInternal> FetchAsync(IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        var versions = new List<FetchedVersion>(ids.Count);
        foreach (var id in ids)
        {
            var request = new ReadVersion(collection.Database, collection.Collection, id, Reader(new PullAfter(FeedPosition.Empty, 0, false)));
            var answer = await feeds.ReadVersionAsync(source.Address, request, cancellation).ConfigureAwait(false);
            if (answer is not ChangesRead read)
            {
                return new PullFailed(source.Generation, Describe(answer));
            }

            if (read.Term != source.Term)
            {
                return new PullFailed(source.Generation, $"the source follows term {read.Term}, not {source.Term}");
            }

            versions.Add(new FetchedVersion(id, read.Batch.Changes));
        }

        return new VersionsFetched(source.Generation, versions);
    }

    private FeedReader.Member Reader(PullAfter pull) => new(options.Node, source.Term, pull.Position.Term, pull.Confirmed)
    {
        Checksum = pull.Checksum,
        Incarnation = source.Incarnation,
    };

    private static string Describe(DataReply answer) => answer switch
    {
        DataUnavailable unavailable => unavailable.Reason,
        TermStale stale => $"the source has promised term {stale.PromisedTerm}",
        NotPrimary elsewhere => $"the source is not primary; it names '{elsewhere.PrimaryAddress}'",
        CollectionMissing missing => $"the source has no collection {missing.Database}/{missing.Collection} yet",
        _ => $"the source answered {answer.GetType().Name}",
    };

    private void OnAnswered(Answered answered)
    {
        Context.Parent.Tell(answered.Message);
        if (answered.Message is PullFailed)
        {
            PauseThenAsk();
        }
    }

    private void PauseThenAsk()
    {
        failures++;
        Timers.StartSingleTimer("again", AskAgain.Instance, Pause(options.Replication, failures, random.NextDouble()));
    }

    private sealed record AskAgain
    {
        public static AskAgain Instance { get; } = new();
    }

    private sealed record Answered(NodeInternal Message) : NodeInternal;
}
