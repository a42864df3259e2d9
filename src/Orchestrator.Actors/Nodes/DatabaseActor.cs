using Akka.Actor;
using Orchestrator.Actors.Replication;

namespace Orchestrator.Actors.Nodes;

/// <summary>
/// The collections of one database, each an actor of its own. The node, its parent, tells it which collections there
/// are and forwards what is meant for one of them. Keeps nothing on disk.
/// </summary>
internal sealed class DatabaseActor : ReceiveActor
{
    private readonly Dictionary<string, IActorRef> collections = new(StringComparer.Ordinal);
    private readonly NodeOptions options;
    private readonly IFeedClient feeds;
    private int starts;

    public DatabaseActor(NodeOptions options, IFeedClient feeds)
    {
        this.options = options;
        this.feeds = feeds;
        Receive<EnsureCollection>(OnEnsureCollection);
        Receive<ForgetCollection>(OnForgetCollection);
        Receive<DataRequest>(request => ForwardTo(
            request.Collection, request, () => new CollectionMissing(request.Database, request.Collection)));
        Receive<CompactUnit>(order => ForwardTo(
            order.Unit.Collection, order, () => new UnitFailed(order.Ticket, order.Unit, $"there is no collection {order.Unit.Database}/{order.Unit.Collection}")));
        Receive<CancelUnit>(cancel => ForwardTo(cancel.Unit.Collection, cancel, () => new UnitFailed(cancel.Ticket, cancel.Unit, "there is no such collection")));
        Receive<ReadCatalog>(request => ForwardTo(CollectionName.Catalog.Collection, request, () => new CatalogRead([], "there is no catalog")));
        Receive<TakeDuty>(order => Gather<DutyTaken>(order).PipeTo(
            Sender, Self, answers => new DutiesTaken([.. answers.Select(answer => answer.Report)]), error => new Status.Failure(error)));
        Receive<EstimateUnits>(question => Gather<CollectionUnits>(question).PipeTo(
            Sender, Self, answers => new DatabaseUnits(answers), error => new Status.Failure(error)));
    }

    public static Props Props(NodeOptions options, IFeedClient feeds) => Akka.Actor.Props.Create(() => new DatabaseActor(options, feeds));

    private void OnEnsureCollection(EnsureCollection order)
    {
        if (collections.TryGetValue(order.Name.Collection, out var existing))
        {
            existing.Tell(new ApplySettings(order.Settings));
            return;
        }

        // Numbered, since an actor of the collection that was forgotten before may still be about to end.
        collections[order.Name.Collection] = Context.ActorOf(
            CollectionActor.Props(order.Name, order.Settings, options, feeds, Context.Parent), $"{order.Name.Collection}-{++starts}");
    }

    private void OnForgetCollection(ForgetCollection order)
    {
        if (collections.Remove(order.Name.Collection, out var actor))
        {
            Context.Stop(actor);
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

    private async Task<T[]> Gather<T>(object question)
    {
        var asked = collections.Values.Select(actor => actor.Ask<T>(question, options.CollectionTimeout)).ToList();
        return await Task.WhenAll(asked).ConfigureAwait(false);
    }
}
