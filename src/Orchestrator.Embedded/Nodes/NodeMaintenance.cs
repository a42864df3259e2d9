using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Embedded.Nodes;

/// <summary>The check of files, the comparison of members, index cleanup, and copying a collection anew. A plain class on the node's mailbox.</summary>
internal sealed class NodeMaintenance(INode node, NodeCollections collections)
{
    private const int MaxFileChecks = 8;

    private readonly Dictionary<string, IActorRef> _fileChecks = new(StringComparer.Ordinal);
    private long _fileCheckNumber;

    /// <summary>A check with a name is asked for again and again by whoever waits for it.</summary>
    public void OnVerify(VerifyCollections order, IActorRef sender)
    {
        if (order.Id.Length > 0 && _fileChecks.TryGetValue(order.Id, out var atWork))
        {
            atWork.Tell(order, sender);
        }
        else if (_fileChecks.Count >= MaxFileChecks)
        {
            sender.Tell(node.Refusal(RefusalCode.Busy, $"{MaxFileChecks} checks of files are running here; wait for one"));
        }
        else if (!RefuseUnknown(order.Database, order.Collection, sender, out var names))
        {
            if (order.Collections.Count > 0)
            {
                names = [.. order.Collections
                    .Select(collection => new CollectionName(collection.Database, collection.Collection))
                    .Where(collections.Reports.ContainsKey)];
            }

            var number = ++_fileCheckNumber;
            var check = node.Context.ActorOf(
                FileCheckActor.Props(node.Options, order, [.. names.Select(name => (name, collections.Databases[name.Database]))], sender), $"file-check-{number}");
            _fileChecks[order.Id.Length > 0 ? order.Id : $"#{number}"] = node.Context.Watch(check);
        }
    }

    public void OnCancelFileCheck(CancelFileCheck order)
    {
        if (_fileChecks.TryGetValue(order.Id, out var check))
        {
            node.Context.Stop(check);
        }
    }

    public void OnFileCheckEnded(Terminated ended)
    {
        foreach (var (id, _) in _fileChecks.Where(entry => entry.Value.Equals(ended.ActorRef)).ToList())
        {
            _fileChecks.Remove(id);
        }
    }

    public void OnCompare(INodeCommand command, CollectionName name, IActorRef sender)
    {
        if (collections.Databases.TryGetValue(name.Database, out var database))
        {
            database.Tell(new CompareCollection(name, command), sender);
        }
        else
        {
            sender.Tell(Verdicts.NotComparable(command, node.Options.Node, $"there is no database {name.Database} on this member"));
        }
    }

    public void OnCleanUp(CleanUpIndexes order, IActorRef sender)
    {
        if (!RefuseUnknown(order.Database, order.Collection, sender, out var names))
        {
            CleanUp([.. names.Select(name => (name, collections.Databases[name.Database]))], order.PartialCopies).PipeTo(
                sender, node.Self, failure: error => node.Refusal(RefusalCode.Unavailable, error.Message));
        }
    }

    /// <summary>Never on the primary: the others copy from it.</summary>
    public void OnResync(ResyncCollection order, IActorRef sender)
    {
        var name = new CollectionName(order.Database, order.Collection);
        if (order.Database.Length > 0 && !collections.Reports.ContainsKey(name))
        {
            sender.Tell(node.Refusal(RefusalCode.NotFound, $"there is no collection {name} on this member"));
        }
        else if (node.Member.Role == MemberRole.Primary)
        {
            sender.Tell(node.Refusal(RefusalCode.WrongState, "this member is primary, from which the others copy; step it down first"));
        }
        else if (order.Database.Length == 0)
        {
            node.Log.Warning("all collections are moved aside and copied again from the primary, as ordered");
            ResyncAll([.. collections.Reports.Keys]).PipeTo(
                sender, node.Self, () => new ResyncBegun(node.Options.Node, "", "", node.Options.DataDirectory), error => node.Refusal(RefusalCode.WrongState, error.Message));
        }
        else
        {
            node.Log.Warning("{0} is moved aside and copied again from the primary, as ordered", name);
            collections.Databases[name.Database].Ask<ResyncOrdered>(new OrderResync(name), node.Options.CollectionTimeout).PipeTo(
                sender,
                node.Self,
                object (ordered) => ordered.Failure.Length == 0
                    ? new ResyncBegun(node.Options.Node, name.Database, name.Collection, ordered.KeptIn)
                    : node.Refusal(RefusalCode.WrongState, $"{name}: {ordered.Failure}"),
                error => node.Refusal(RefusalCode.Unavailable, $"{name} does not answer: {error.Message}"));
        }
    }

    /// <summary>The collections of an order, the catalog only where it is named.</summary>
    private List<CollectionName> Named(string database, string collection) => [.. collections.Reports.Keys
        .Where(name => database.Length == 0 ? name != CollectionName.Catalog : name.Database == database)
        .Where(name => collection.Length == 0 || name.Collection == collection)
        .OrderBy(name => name.Database, StringComparer.Ordinal)
        .ThenBy(name => name.Collection, StringComparer.Ordinal)];

    private bool RefuseUnknown(string database, string collection, IActorRef sender, out List<CollectionName> names)
    {
        names = Named(database, collection);
        if (names.Count > 0 || (database.Length == 0 && collection.Length == 0))
        {
            return false;
        }

        sender.Tell(node.Refusal(RefusalCode.NotFound, collection.Length == 0
            ? $"there is no database {database} on this member"
            : $"there is no collection {(database.Length == 0 ? "" : database + "/")}{collection} on this member"));
        return true;
    }

    private async Task<object> CleanUp(IReadOnlyList<(CollectionName Name, IActorRef Database)> named, bool partialCopies)
    {
        var answers = await Task.WhenAll(named.Select(each =>
            each.Database.Ask<CollectionCleanedUp>(new CleanUpCollection(each.Name, partialCopies), node.Options.CollectionTimeout))).ConfigureAwait(false);
        var failures = answers.Where(answer => answer.Failure.Length > 0).Select(answer => $"{answer.Name}: {answer.Failure}").ToList();
        if (failures.Count > 0 && failures.Count == answers.Length)
        {
            throw new InvalidOperationException(string.Join("; ", failures));
        }

        return new IndexesCleanedUp(
            node.Options.Node,
            [.. answers.SelectMany(answer => answer.Files.Select(file => new RemovedIndexFile(answer.Name.Database, answer.Name.Collection, file)))],
            answers.Sum(answer => answer.Bytes));
    }

    private async Task ResyncAll(IReadOnlyList<CollectionName> names)
    {
        var asked = names.Select(name => collections.Databases[name.Database].Ask<ResyncOrdered>(new OrderResync(name), node.Options.CollectionTimeout)).ToList();
        var failures = (await Task.WhenAll(asked).ConfigureAwait(false)).Where(answer => answer.Failure.Length > 0).ToList();
        if (failures.Count > 0)
        {
            throw new InvalidOperationException(string.Join("; ", failures.Select(answer => $"{answer.Name}: {answer.Failure}")));
        }
    }
}
