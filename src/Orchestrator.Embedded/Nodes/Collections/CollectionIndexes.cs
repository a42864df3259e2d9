using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Topology;
using Orchestrator.Storage;
using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Indexes;
using UnitEstimate = Orchestrator.Core.Nodes.UnitEstimate;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>
/// Indexes: brought in line with the catalog, and built beside the writes. A build runs on a thread of its own; its last step
/// takes its turn between two commits. What stops a build (a compaction that closes the files, the end of the process) leaves
/// its file to be gone on with.
/// </summary>
internal sealed class CollectionIndexes(ICollection collection, CollectionAccess access, CollectionSettings settings)
{
    // A round leaves fewer changes for the next one, and storage keeps writes waiting rather than postpone without end.
    private const int MaxBuildRounds = 1_000;
    private const int MaxWaiters = 1_000;
    private static readonly TimeSpan BuildRetry = TimeSpan.FromSeconds(10);

    private readonly List<Waiter> _waiters = [];
    private long _lastWaiter;
    private bool _wasComplete = true;

    // Why indexes could not be built; read by reads at work.
    private volatile ImmutableDictionary<string, string> _problems = ImmutableDictionary<string, string>.Empty;

    /// <summary>What the catalog says, also of compression and cap. The files are brought in line with it.</summary>
    public CollectionSettings Settings { get; private set; } = settings;

    public void Apply(CollectionSettings wanted)
    {
        Settings = wanted;
        BringInLine();
    }

    /// <summary>Another compression or cap; then <paramref name="done"/> is told what has come of it.</summary>
    public void Apply(CollectionSettings wanted, Action done)
    {
        Settings = wanted;
        BringInLine(_ => done());
    }

    public void GiveUpWait(long number) => Answer(waiter => waiter.Number == number);

    public void RefuseWaiters(DataReply refusal)
    {
        foreach (var waiter in _waiters)
        {
            waiter.Sender.Tell(refusal);
        }

        _waiters.Clear();
    }

    /// <summary>The catalog has the index already; here it is only built.</summary>
    public void OnPut(PutIndex request)
    {
        var index = new IndexDefinition(request.Name, request.JsonPath);
        Settings = Settings with { Indexes = [.. Settings.Indexes.Where(other => other.Name != index.Name), index] };
        if (access.IsOffline)
        {
            collection.Sender.Tell(access.OfflineRefusal());
            return;
        }

        if (_waiters.Count >= MaxWaiters)
        {
            collection.Sender.Tell(new DataUnavailable($"{MaxWaiters} requests already wait for indexes of {collection.Name}", CollectionAccess.RetryAfter));
            return;
        }

        _waiters.Add(new Waiter(++_lastWaiter, index, collection.Sender));
        collection.Timers.StartSingleTimer($"index-wait-{_lastWaiter}", new GiveUpIndexWait(_lastWaiter), collection.Options.IndexBuildWait);
        _problems = _problems.Remove(index.Name);
        BringInLine();
    }

    /// <summary>The catalog has dropped the index already; here it is only given up. Its file is kept until the next cleanup.</summary>
    public void OnDrop(DropIndex request)
    {
        var sender = collection.Sender;
        Settings = Settings with { Indexes = [.. Settings.Indexes.Where(other => other.Name != request.Name)] };
        BringInLine(reconciled => sender.Tell(reconciled.Problems.GetValueOrDefault(request.Name) is { } problem
            ? new DataUnavailable($"the index cannot be removed: {problem}", CollectionAccess.RetryAfter)
            : new IndexDropped(request.Name)));
    }

    public void BringInLine() => BringInLine(static _ => { });

    /// <param name="damage">Of the file of an index; that of another file, or of one that is not used any more, is none of these.</param>
    public void BuildAgain(CorruptFileException damage)
    {
        var store = collection.Store;
        collection.Lane.Run(
            () => store.DiscardIndex(damage.File),
            discarded =>
            {
                if (discarded)
                {
                    collection.Log.Warning("{0}: {1}; the index is built again", collection.Name, damage.Message);
                    BringInLine();
                }
            },
            error => collection.Log.Warning("{0}: {1}; the index cannot be built again now: {2}", collection.Name, damage.Message, error.Message));
    }

    /// <param name="done">Runs in the actor. While the files are closed it is told so; they are brought in line afterwards.</param>
    public void BringInLine(Action<Reconciled> done)
    {
        if (access.IsOffline)
        {
            done(new Reconciled([], ImmutableDictionary<string, string>.Empty));
            return;
        }

        var (store, wanted, most) = (collection.Store, Settings, collection.Options.Storage.IndexWorkers);
        collection.Lane.Run(
            () => Reconcile(store, wanted, most),
            reconciled =>
            {
                foreach (var build in reconciled.Started)
                {
                    collection.Log.Info("{0}: builds the index {1} on {2}", collection.Name, build.Definition.Name, build.Definition.JsonPath);
                    Build(build, 1);
                }

                NoteBuildProblems(reconciled.Problems);
                Answer(waiter => !Unfinished().Any(index => index.Name == waiter.Index.Name));
                done(reconciled);
            },
            error =>
            {
                collection.Log.Error(error, "{0}: its indexes cannot be matched to the catalog", collection.Name);
                BringInLineLater();
                done(new Reconciled([], wanted.Indexes.ToImmutableDictionary(index => index.Name, _ => error.Message)));
            });
    }

    /// <summary>Takes over settings, gives up what is not wanted, and begins as many builds as may be at work.</summary>
    private static Reconciled Reconcile(CollectionStore store, CollectionSettings wanted, int mostBuilds)
    {
        store.ChangeSettings(wanted.Compression, wanted.Cap);
        var started = new List<IndexBuild>();
        var problems = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (var surplus in store.Indexes.Concat(store.Builds.Select(build => build.Definition)).Except(wanted.Indexes).ToList())
        {
            Try(surplus, () => store.RemoveIndex(surplus.Name));
        }

        // Until all documents are here again a build would only be told to begin anew.
        foreach (var missing in store.IsWhole ? wanted.Indexes.Except(store.Indexes).ToList() : [])
        {
            if (store.Builds.Count < mostBuilds && !problems.ContainsKey(missing.Name) && store.Builds.All(build => build.Definition != missing))
            {
                Try(missing, () =>
                {
                    if (store.StartIndex(missing) is { } build)
                    {
                        started.Add(build);
                    }
                });
            }
        }

        return new Reconciled(started, problems.ToImmutable());

        void Try(IndexDefinition index, Action work)
        {
            try
            {
                work();
            }
            catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException)
            {
                problems[index.Name] = e.Message;
            }
        }
    }

    private void Build(IndexBuild build, int round) => Task.Run(() => build.RunOnline(CancellationToken.None))
        .PipeTo(collection.Self, collection.Self, () => new IndexBuildEnded(build, round, null), error => new IndexBuildEnded(build, round, error));

    public void OnBuildEnded(IndexBuildEnded ended)
    {
        if (!collection.Store.Builds.Contains(ended.Build))
        {
            // It was stopped: given up, or by a compaction that closes the files, after which it goes on.
            BringInLine();
        }
        else if (ended.Error is { } error)
        {
            BuildFailed(ended.Build, error);
        }
        else
        {
            var store = collection.Store;
            collection.Lane.Run(
                () => store.FinishIndex(ended.Build),
                outcome => BuildFinished(ended, outcome),
                failure => BuildFailed(ended.Build, failure));
        }
    }

    private void BuildFinished(IndexBuildEnded ended, FinishOutcome outcome)
    {
        if (outcome == FinishOutcome.Continue && ended.Round < MaxBuildRounds)
        {
            Build(ended.Build, ended.Round + 1);
        }
        else if (outcome == FinishOutcome.Continue)
        {
            BuildFailed(ended.Build, new InvalidOperationException("writes come faster than they can be indexed"));
        }
        else
        {
            collection.Log.Info("{0}: the index {1} is built", collection.Name, ended.Build.Definition.Name);
            _problems = _problems.Remove(ended.Build.Definition.Name);

            // Others may have waited for their turn.
            BringInLine();
        }
    }

    private void BuildFailed(IndexBuild build, Exception error) => collection.Lane.Run(
        () =>
        {
            var stopped = !collection.Store.Builds.Contains(build);
            build.Dispose();
            return stopped;
        },
        stopped =>
        {
            if (stopped)
            {
                BringInLine();
                return;
            }

            NoteBuildProblems(ImmutableDictionary<string, string>.Empty.Add(build.Definition.Name, FoundDamage.Reason(collection, error)));
        },
        failure => collection.Log.Warning(failure, "{0}: the build of the index {1} could not be closed", collection.Name, build.Definition.Name),
        reserved: true);

    private void NoteBuildProblems(ImmutableDictionary<string, string> problems)
    {
        if (problems.IsEmpty)
        {
            return;
        }

        foreach (var (index, problem) in problems)
        {
            collection.Log.Warning("{0}: the index {1} does not match the catalog: {2}", collection.Name, index, problem);
        }

        _problems = _problems.SetItems(problems);
        Answer(waiter => problems.ContainsKey(waiter.Index.Name));
        BringInLineLater();
    }

    private void BringInLineLater() => collection.Timers.StartSingleTimer("indexes", BringIndexesInLine.Instance, BuildRetry);

    /// <summary>Answers those who wait for an index with how it stands now.</summary>
    private void Answer(Predicate<Waiter> wanted)
    {
        foreach (var waiter in _waiters.FindAll(wanted))
        {
            collection.Timers.Cancel($"index-wait-{waiter.Number}");
            waiter.Sender.Tell(Standing(waiter.Index.Name));
        }

        _waiters.RemoveAll(wanted);
    }

    /// <summary>After a roll-back or a first copy, once all documents are here.</summary>
    public void BringInLineOnceComplete()
    {
        var complete = collection.Store.IsWhole;
        if (complete && !_wasComplete)
        {
            BringInLine();
        }

        _wasComplete = complete;
    }

    /// <summary>Indexes that the catalog names and look-ups cannot use yet. Any thread.</summary>
    public List<IndexBuilding> Unfinished()
    {
        var (store, builds) = (collection.Store, collection.Store.Builds);
        var problems = _problems;
        return
        [
            .. Settings.Indexes.Except(store.Indexes).Select(index => new IndexBuilding(
                index.Name,
                index.JsonPath,
                builds.FirstOrDefault(build => build.Definition == index)?.Fraction ?? 0,
                problems.GetValueOrDefault(index.Name, ""))),
        ];
    }

    /// <summary>How an index stands on this member. Any thread.</summary>
    public DataReply Standing(string index)
    {
        if (Unfinished().FirstOrDefault(each => each.Name == index) is { } building)
        {
            return building;
        }

        return collection.Store.Indexes.FirstOrDefault(each => each.Name == index) is { } built
            ? new IndexDefined(built.Name, built.JsonPath)
            : new IndexMissing(index);
    }

    /// <summary>A look-up in an index that is not there, or not yet. Any thread.</summary>
    public DataReply LookUpFailure(string index) => Standing(index) is IndexBuilding building
        ? new DataUnavailable(Describe(building), CollectionAccess.RetryAfter)
        : new IndexMissing(index);

    private string Describe(IndexBuilding index)
    {
        var progress = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Floor(100 * index.Fraction)} % done");
        return index.Problem.Length > 0
            ? $"the index {index.Name} of {collection.Name} cannot be built now: {index.Problem}"
            : $"the index {index.Name} of {collection.Name} is being built; {progress}";
    }

    /// <summary>An index that is being built is there to be seen, and not to be compacted.</summary>
    public IEnumerable<UnitEstimate> UnfinishedUnits() => Unfinished().Select(index => new UnitEstimate(
        new UnitSize(new IndexUnit(collection.Name.Database, collection.Name.Collection, index.Name), 0, 0, 0), 0, 0, TimeSpan.Zero)
    {
        Refusal = Describe(index),
    });

    /// <param name="Started">Builds to be run.</param>
    /// <param name="Problems">Why, by name, an index could not be given up or begun.</param>
    internal sealed record Reconciled(IReadOnlyList<IndexBuild> Started, ImmutableDictionary<string, string> Problems);

    private sealed record Waiter(long Number, IndexDefinition Index, IActorRef Sender);
}

/// <summary>A round of a build's online work is over.</summary>
internal sealed record IndexBuildEnded(IndexBuild Build, int Round, Exception? Error) : NodeInternal;

/// <summary>Who waits for an index has waited long enough.</summary>
internal sealed record GiveUpIndexWait(long Number) : NodeInternal;

/// <summary>What could not be brought in line is tried again.</summary>
internal sealed record BringIndexesInLine : NodeInternal
{
    public static BringIndexesInLine Instance { get; } = new();
}
