using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Storage;
using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Indexes;
using UnitEstimate = Orchestrator.Core.Nodes.UnitEstimate;

namespace Orchestrator.Embedded.Nodes;

/// <content>
/// Indexes: brought in line with the catalog, and built beside the writes. A build runs on a thread of its own; its last step
/// takes its turn between two commits. What stops a build (a compaction that closes the files, the end of the process) leaves
/// its file to be gone on with.
/// </content>
internal sealed partial class CollectionActor
{
    // A round leaves fewer changes for the next one, and storage keeps writes waiting rather than postpone without end.
    private const int MaxBuildRounds = 1_000;
    private const int MaxIndexWaiters = 1_000;
    private static readonly TimeSpan BuildRetry = TimeSpan.FromSeconds(10);

    private readonly List<IndexWaiter> indexWaiters = [];
    private long lastIndexWaiter;
    private bool wasComplete = true;

    // Why indexes could not be built; read by reads at work.
    private volatile ImmutableDictionary<string, string> buildProblems = ImmutableDictionary<string, string>.Empty;

    private void ReceiveIndexes()
    {
        Receive<PutIndex>(OnPutIndex);
        Receive<DropIndex>(OnDropIndex);
        Receive<GetIndex>(request => ReadAs(anyMember: true, () => Standing(request.Name)));
        Receive<IndexBuildEnded>(OnIndexBuildEnded);
        Receive<GiveUpIndexWait>(message => AnswerIndexWaiters(waiter => waiter.Number == message.Number));
        Receive<BringIndexesInLine>(_ => BringInLine());
    }

    /// <summary>The catalog has the index already; here it is only built.</summary>
    private void OnPutIndex(PutIndex request)
    {
        var index = new IndexDefinition(request.Name, request.JsonPath);
        settings = settings with { Indexes = [.. settings.Indexes.Where(other => other.Name != index.Name), index] };
        if (offline)
        {
            Sender.Tell(OfflineRefusal());
            return;
        }

        if (indexWaiters.Count >= MaxIndexWaiters)
        {
            Sender.Tell(new DataUnavailable($"{MaxIndexWaiters} requests already wait for indexes of {name}", RetryAfter));
            return;
        }

        indexWaiters.Add(new IndexWaiter(++lastIndexWaiter, index, Sender));
        Timers.StartSingleTimer($"index-wait-{lastIndexWaiter}", new GiveUpIndexWait(lastIndexWaiter), options.IndexBuildWait);
        buildProblems = buildProblems.Remove(index.Name);
        BringInLine();
    }

    /// <summary>The catalog has dropped the index already; here it is only given up. Its file is kept until the next cleanup.</summary>
    private void OnDropIndex(DropIndex request)
    {
        var sender = Sender;
        settings = settings with { Indexes = [.. settings.Indexes.Where(other => other.Name != request.Name)] };
        BringInLine(reconciled => sender.Tell(reconciled.Problems.GetValueOrDefault(request.Name) is { } problem
            ? new DataUnavailable($"the index cannot be removed: {problem}", RetryAfter)
            : new IndexDropped(request.Name)));
    }

    private void BringInLine() => BringInLine(static _ => { });

    /// <param name="done">Runs in the actor. While the files are closed it is told so; they are brought in line afterwards.</param>
    private void BringInLine(Action<Reconciled> done)
    {
        if (offline)
        {
            done(new Reconciled([], ImmutableDictionary<string, string>.Empty));
            return;
        }

        var wanted = settings;
        var most = options.Storage.IndexWorkers;
        lane.Run(
            () => Reconcile(store, wanted, most),
            reconciled =>
            {
                foreach (var build in reconciled.Started)
                {
                    log.Info("{0}: builds the index {1} on {2}", name, build.Definition.Name, build.Definition.JsonPath);
                    Build(build, 1);
                }

                NoteBuildProblems(reconciled.Problems);
                AnswerIndexWaiters(waiter => !Unfinished().Any(index => index.Name == waiter.Index.Name));
                done(reconciled);
            },
            error =>
            {
                log.Error(error, "{0}: its indexes cannot be matched to the catalog", name);
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
        .PipeTo(self, self, () => new IndexBuildEnded(build, round, null), error => new IndexBuildEnded(build, round, error));

    private void OnIndexBuildEnded(IndexBuildEnded ended)
    {
        if (!store.Builds.Contains(ended.Build))
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
            lane.Run(
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
            log.Info("{0}: the index {1} is built", name, ended.Build.Definition.Name);
            buildProblems = buildProblems.Remove(ended.Build.Definition.Name);

            // Others may have waited for their turn.
            BringInLine();
        }
    }

    private void BuildFailed(IndexBuild build, Exception error) => lane.Run(
        () =>
        {
            var stopped = !store.Builds.Contains(build);
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

            NoteBuildProblems(ImmutableDictionary<string, string>.Empty.Add(build.Definition.Name, error.Message));
        },
        failure => log.Warning(failure, "{0}: the build of the index {1} could not be closed", name, build.Definition.Name),
        reserved: true);

    private void NoteBuildProblems(ImmutableDictionary<string, string> problems)
    {
        if (problems.IsEmpty)
        {
            return;
        }

        foreach (var (index, problem) in problems)
        {
            log.Warning("{0}: the index {1} does not match the catalog: {2}", name, index, problem);
        }

        buildProblems = buildProblems.SetItems(problems);
        AnswerIndexWaiters(waiter => problems.ContainsKey(waiter.Index.Name));
        BringInLineLater();
    }

    private void BringInLineLater() => Timers.StartSingleTimer("indexes", BringIndexesInLine.Instance, BuildRetry);

    /// <summary>Answers those who wait for an index with how it stands now.</summary>
    private void AnswerIndexWaiters(Predicate<IndexWaiter> wanted)
    {
        foreach (var waiter in indexWaiters.FindAll(wanted))
        {
            Timers.Cancel($"index-wait-{waiter.Number}");
            waiter.Sender.Tell(Standing(waiter.Index.Name));
        }

        indexWaiters.RemoveAll(wanted);
    }

    /// <summary>After a roll-back or a first copy, once all documents are here.</summary>
    private void BringInLineOnceComplete()
    {
        var complete = store.IsWhole;
        if (complete && !wasComplete)
        {
            BringInLine();
        }

        wasComplete = complete;
    }

    /// <summary>Indexes that the catalog names and look-ups cannot use yet. Any thread.</summary>
    private List<IndexBuilding> Unfinished()
    {
        var builds = store.Builds;
        var problems = buildProblems;
        return
        [
            .. settings.Indexes.Except(store.Indexes).Select(index => new IndexBuilding(
                index.Name,
                index.JsonPath,
                builds.FirstOrDefault(build => build.Definition == index)?.Fraction ?? 0,
                problems.GetValueOrDefault(index.Name, ""))),
        ];
    }

    /// <summary>How an index stands on this member. Any thread.</summary>
    private DataReply Standing(string index)
    {
        if (Unfinished().FirstOrDefault(each => each.Name == index) is { } building)
        {
            return building;
        }

        return store.Indexes.FirstOrDefault(each => each.Name == index) is { } built
            ? new IndexDefined(built.Name, built.JsonPath)
            : new IndexMissing(index);
    }

    /// <summary>A look-up in an index that is not there, or not yet. Any thread.</summary>
    private DataReply LookUpFailure(string index) => Standing(index) is IndexBuilding building
        ? new DataUnavailable(Describe(building), RetryAfter)
        : new IndexMissing(index);

    private string Describe(IndexBuilding index)
    {
        var progress = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Floor(100 * index.Fraction)} % done");
        return index.Problem.Length > 0
            ? $"the index {index.Name} of {name} cannot be built now: {index.Problem}"
            : $"the index {index.Name} of {name} is being built; {progress}";
    }

    /// <summary>An index that is being built is there to be seen, and not to be compacted.</summary>
    private IEnumerable<UnitEstimate> UnfinishedUnits() => Unfinished().Select(index => new UnitEstimate(
        new UnitSize(new IndexUnit(name.Database, name.Collection, index.Name), 0, 0, 0), 0, 0, TimeSpan.Zero)
    {
        Refusal = Describe(index),
    });

    /// <param name="Started">Builds to be run.</param>
    /// <param name="Problems">Why, by name, an index could not be given up or begun.</param>
    private sealed record Reconciled(IReadOnlyList<IndexBuild> Started, ImmutableDictionary<string, string> Problems);

    private sealed record IndexWaiter(long Number, IndexDefinition Index, IActorRef Sender);

    private sealed record IndexBuildEnded(IndexBuild Build, int Round, Exception? Error) : NodeInternal;

    private sealed record GiveUpIndexWait(long Number) : NodeInternal;

    private sealed record BringIndexesInLine : NodeInternal
    {
        public static BringIndexesInLine Instance { get; } = new();
    }
}
