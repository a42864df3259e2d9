using Akka.Actor;
using Akka.Event;
using Orchestrator.Embedded.Nodes.Collections;
using Orchestrator.Embedded.Replication;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes;

/// <summary>
/// The collections of one database, each an actor of its own. The node, its parent, tells it which collections there
/// are and forwards what is meant for one of them. Keeps nothing on disk.
/// </summary>
internal sealed class DatabaseActor : ReceiveActor
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, IActorRef> collections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (CollectionSettings Settings, int Incarnation)> wanted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> incarnations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RemoveDropped> toRemove = new(StringComparer.Ordinal);

    // What was vouched for before this start, until a collection begins anew; and why it does that.
    private readonly Dictionary<string, Storage.Feed.FeedPosition> confirmed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> anewBecause = new(StringComparer.Ordinal);

    // Collections whose former actor is about to end, after which they begin anew if they are wanted.
    private readonly Dictionary<IActorRef, (string Collection, int Incarnation)> ending = [];
    private readonly string database;
    private readonly NodeOptions options;
    private readonly IFeedClient feeds;
    private int starts;

    public DatabaseActor(string database, NodeOptions options, IFeedClient feeds)
    {
        this.database = database;
        this.options = options;
        this.feeds = feeds;
        Receive<ReleaseFiles>(_ => OnReleaseFiles());
        Receive<EnsureCollection>(OnEnsureCollection);
        Receive<ForgetCollection>(OnForgetCollection);
        Receive<RemoveDropped>(OnRemoveDropped);
        Receive<DataRequest>(request => ForwardTo(request.Collection, request, () => IsPutAside(request.Collection)
            ? new DataUnavailable($"{request.Database}/{request.Collection} is moved aside to be copied again", RetryAfter)
            : new CollectionMissing(request.Database, request.Collection)));
        Receive<CompactUnit>(order => ForwardTo(
            order.Unit.Collection, order, () => new UnitFailed(order.Ticket, order.Unit, $"there is no collection {order.Unit.Database}/{order.Unit.Collection}")));
        Receive<CancelUnit>(cancel => ForwardTo(cancel.Unit.Collection, cancel, () => new UnitFailed(cancel.Ticket, cancel.Unit, "there is no such collection")));
        Receive<ThrottleUnit>(throttle => ForwardTo(
            throttle.Unit.Collection, throttle, () => new UnitFailed(throttle.Ticket, throttle.Unit, "there is no such collection")));
        Receive<VerifyCollection>(request => ForwardTo(request.Name.Collection, request, () => Verdicts.Failed(request.Name, Absent(request.Name))));
        Receive<CompareCollection>(request => ForwardTo(
            request.Name.Collection, request, () => Verdicts.NotComparable(request.Command, options.Node, Absent(request.Name))));
        Receive<CleanUpCollection>(request => ForwardTo(
            request.Name.Collection, request, () => new CollectionCleanedUp(request.Name, [], 0, Absent(request.Name))));
        Receive<OrderResync>(order => ForwardTo(order.Name.Collection, order, () => new ResyncOrdered(order.Name, "", Absent(order.Name))));
        Receive<BeginAnew>(OnBeginAnew);
        Receive<Terminated>(ended => OnEnded(ended.ActorRef));
        Receive<ReadCatalog>(request => ForwardTo(CollectionName.Catalog.Collection, request, () => new CatalogRead([], "there is no catalog")));
        Receive<TakeDuty>(order => GatherDuties(order).PipeTo(
            Sender, Self, answers => new DutiesTaken([.. answers.Select(answer => answer.Report)]), error => new Status.Failure(error)));
        Receive<EstimateUnits>(question => Gather<CollectionUnits>(question).PipeTo(
            Sender, Self, answers => new DatabaseUnits(answers), error => new Status.Failure(error)));
    }

    public static Props Props(string database, NodeOptions options, IFeedClient feeds) =>
        Akka.Actor.Props.Create(() => new DatabaseActor(database, options, feeds));

    private void OnEnsureCollection(EnsureCollection order)
    {
        var collection = order.Name.Collection;
        wanted[collection] = (order.Settings, order.Incarnation);
        if (collections.TryGetValue(collection, out var existing))
        {
            if (incarnations[collection] == order.Incarnation)
            {
                existing.Tell(new ApplySettings(order.Settings));
                return;
            }

            // While this member was away, or busy, the collection was dropped and another one created.
            Forget(collection);
            End(collection);
        }

        if (!IsPutAside(collection))
        {
            confirmed[collection] = order.Confirmed;
            Start(order.Name);
        }
    }

    private void Forget(string collection)
    {
        confirmed.Remove(collection);
        anewBecause.Remove(collection);
    }

    /// <summary>Ends a collection's actor; the same collection is started anew if it is wanted then.</summary>
    private void End(string collection)
    {
        if (collections.Remove(collection, out var actor))
        {
            ending[actor] = (collection, incarnations[collection]);
            Context.Watch(actor);
            actor.Tell(ReleaseFiles.Instance);
        }
    }

    /// <summary>Numbered, since an actor of the collection that was forgotten before may still be about to end.</summary>
    private void Start(CollectionName name)
    {
        var (settings, incarnation) = wanted[name.Collection];
        incarnations[name.Collection] = incarnation;
        collections[name.Collection] = Context.ActorOf(
            CollectionActor.Props(name, settings, options, feeds, Context.Parent, FilesExpected(name.Collection, incarnation)), $"{name.Collection}-{++starts}");
    }

    private ExpectedFiles FilesExpected(string collection, int incarnation) => new(
        confirmed.GetValueOrDefault(collection) ?? Storage.Feed.FeedPosition.Empty, anewBecause.GetValueOrDefault(collection) ?? "")
    {
        Incarnation = incarnation,
    };

    /// <summary>A collection has its order to begin anew on disk; a new actor carries it out once the files are released.</summary>
    private void OnBeginAnew(BeginAnew order)
    {
        var name = collections.FirstOrDefault(entry => entry.Value.Equals(Sender)).Key;
        if (name is not null)
        {
            confirmed.Remove(name);
            anewBecause[name] = order.Because;
            End(name);
        }
    }

    private void OnEnded(IActorRef ended)
    {
        if (!ending.Remove(ended, out var former))
        {
            return;
        }

        if (wanted.TryGetValue(former.Collection, out var next) && next.Incarnation == former.Incarnation)
        {
            Start(new CollectionName(database, former.Collection));
        }

        if (toRemove.Remove(former.Collection, out var order))
        {
            OnRemoveDropped(order);
        }
    }

    private void OnRemoveDropped(RemoveDropped order)
    {
        if (ending.ContainsValue((order.Name.Collection, order.Times)))
        {
            toRemove[order.Name.Collection] = order;
        }
        else
        {
            Remove(order);
        }
    }

    /// <summary>What cannot be removed is tried again with the next start of the node.</summary>
    private void Remove(RemoveDropped order)
    {
        var directories = Enumerable.Range(1, order.Times)
            .Select(incarnation => new CollectionDirectory(options.DataDirectory, database, order.Name.Collection, incarnation))
            .ToList();
        var log = Context.GetLogger();
        Task.Run(() =>
        {
            foreach (var directory in directories)
            {
                try
                {
                    if (directory.Remove())
                    {
                        log.Info("{0} was dropped: {1} is removed", order.Name, directory.Path);
                    }
                }
                catch (StorageException e)
                {
                    log.Warning("{0} was dropped: {1}", order.Name, e.Message);
                }
            }
        });
    }

    private static string Absent(CollectionName name) => $"there is no open collection {name} on this member";

    private void OnForgetCollection(ForgetCollection order)
    {
        wanted.Remove(order.Name.Collection);
        Forget(order.Name.Collection);
        End(order.Name.Collection);
    }

    private void OnReleaseFiles()
    {
        Become(Releasing);
        foreach (var child in Context.GetChildren())
        {
            Context.Watch(child);
            child.Tell(ReleaseFiles.Instance);
        }

        EndOnceAlone();
    }

    private void Releasing()
    {
        Receive<Terminated>(_ => EndOnceAlone());
        Receive<DataRequest>(request => Sender.Tell(new DataUnavailable($"{request.Database} is being closed", RetryAfter)));
        ReceiveAny(_ => { });
    }

    private void EndOnceAlone()
    {
        if (!Context.GetChildren().Any())
        {
            Context.Stop(Self);
        }
    }

    private void ForwardTo(string collection, object message, Func<object> missing)
    {
        if (collections.TryGetValue(collection, out var actor))
        {
            actor.Forward(message);
        }
        else
        {
            Sender.Tell(missing());
        }
    }

    /// <summary>A collection that is put aside knows no position for now, and having none must not pass for having nothing.</summary>
    private Task<DutyTaken[]> GatherDuties(TakeDuty order) => ending.Values.Select(former => former.Collection).FirstOrDefault(IsPutAside) is { } aside
        ? Task.FromException<DutyTaken[]>(new InvalidOperationException($"{database}/{aside} is moved aside to be copied again"))
        : Gather<DutyTaken>(order);

    private bool IsPutAside(string collection) => wanted.TryGetValue(collection, out var next) && ending.ContainsValue((collection, next.Incarnation));

    private async Task<T[]> Gather<T>(object question)
    {
        var asked = collections.Values.Select(actor => actor.Ask<T>(question, options.CollectionTimeout)).ToList();
        return await Task.WhenAll(asked).ConfigureAwait(false);
    }
}

/// <summary>A collection tells its database: end me, and start me anew when my files are released.</summary>
/// <param name="Because">What was found, for the operator; empty if he has ordered it.</param>
internal sealed record BeginAnew(string Because) : NodeInternal;

/// <summary>What is known of a collection's files before they are opened.</summary>
/// <param name="Confirmed">What this member has vouched for: they should not have less.</param>
/// <param name="AnewBecause">Why the collection was put aside and is copied anew; empty if it is not, or if an operator has ordered it.</param>
internal sealed record ExpectedFiles(Orchestrator.Storage.Feed.FeedPosition Confirmed, string AnewBecause)
{
    /// <summary>Which collection of its name they are of.</summary>
    public int Incarnation { get; init; } = 1;

    public static ExpectedFiles Nothing { get; } = new(Orchestrator.Storage.Feed.FeedPosition.Empty, "");
}
