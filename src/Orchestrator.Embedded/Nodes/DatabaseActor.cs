using Akka.Actor;
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
    private readonly Dictionary<string, CollectionSettings> settings = new(StringComparer.Ordinal);

    // What was vouched for before this start, until a collection begins anew; and why it does that.
    private readonly Dictionary<string, Storage.Feed.FeedPosition> confirmed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> anewBecause = new(StringComparer.Ordinal);

    // Collections whose former actor is about to end, after which they begin anew.
    private readonly Dictionary<IActorRef, string> ending = [];
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
        Receive<DataRequest>(request => ForwardTo(request.Collection, request, () => ending.ContainsValue(request.Collection)
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
        settings[order.Name.Collection] = order.Settings;
        if (ending.ContainsValue(order.Name.Collection))
        {
            return;
        }

        if (collections.TryGetValue(order.Name.Collection, out var existing))
        {
            existing.Tell(new ApplySettings(order.Settings));
            return;
        }

        confirmed[order.Name.Collection] = order.Confirmed;
        Start(order.Name);
    }

    /// <summary>Numbered, since an actor of the collection that was forgotten before may still be about to end.</summary>
    private void Start(CollectionName name) => collections[name.Collection] = Context.ActorOf(
        CollectionActor.Props(name, settings[name.Collection], options, feeds, Context.Parent, FilesExpected(name.Collection)), $"{name.Collection}-{++starts}");

    private ExpectedFiles FilesExpected(string collection) => new(
        confirmed.GetValueOrDefault(collection) ?? Storage.Feed.FeedPosition.Empty, anewBecause.GetValueOrDefault(collection) ?? "");

    /// <summary>A collection has its order to begin anew on disk; a new actor carries it out once the files are released.</summary>
    private void OnBeginAnew(BeginAnew order)
    {
        var name = collections.FirstOrDefault(entry => entry.Value.Equals(Sender)).Key;
        if (name is null)
        {
            return;
        }

        collections.Remove(name);
        confirmed.Remove(name);
        anewBecause[name] = order.Because;
        ending[Sender] = name;
        Context.Watch(Sender);
        Sender.Tell(ReleaseFiles.Instance);
    }

    private void OnEnded(IActorRef ended)
    {
        if (ending.Remove(ended, out var collection) && settings.ContainsKey(collection))
        {
            Start(new CollectionName(database, collection));
        }
    }

    private static string Absent(CollectionName name) => $"there is no open collection {name} on this member";

    private void OnForgetCollection(ForgetCollection order)
    {
        settings.Remove(order.Name.Collection);
        confirmed.Remove(order.Name.Collection);
        anewBecause.Remove(order.Name.Collection);
        if (collections.Remove(order.Name.Collection, out var actor))
        {
            actor.Tell(ReleaseFiles.Instance);
        }
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
    private Task<DutyTaken[]> GatherDuties(TakeDuty order) => ending.Count > 0
        ? Task.FromException<DutyTaken[]>(new InvalidOperationException($"{database}/{ending.Values.First()} is moved aside to be copied again"))
        : Gather<DutyTaken>(order);

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
    public static ExpectedFiles Nothing { get; } = new(Orchestrator.Storage.Feed.FeedPosition.Empty, "");
}
