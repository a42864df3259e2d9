using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Embedded.Nodes;

/// <content>Closed databases, the check of files, index cleanup, and copying a collection anew.</content>
internal sealed partial class NodeActor
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(30);

    /// <summary>Reading everything takes as long as the disk needs.</summary>
    private static readonly TimeSpan VerifyTimeout = TimeSpan.FromHours(6);

    private const int MaxFileChecks = 8;

    private readonly Dictionary<string, IActorRef> fileChecks = new(StringComparer.Ordinal);
    private long fileCheckNumber;

    /// <summary>The database that is closed while it is compacted; empty for none.</summary>
    private string ClosedDatabase()
    {
        if (atWork?.Settings.Mode != CompactionActor.ClosesDatabase
            || compactions.Running is not [var running]
            || running.Progress.Stage == CompactionActor.VerifyStage)
        {
            return "";
        }

        var path = running.Progress.Unit;
        return path[..Math.Max(0, path.IndexOf('/'))];
    }

    private DataUnavailable ClosedRefusal(string database)
    {
        var remaining = compactions.Running is [{ Progress.RemainingSeconds: > 0 and var seconds }] ? TimeSpan.FromSeconds(seconds) : RetryAfter;
        return new DataUnavailable(
            $"database {database} is offline: it is being compacted with the mode {CompactionActor.ClosesDatabase}",
            remaining < LongestRetryAfter ? remaining : LongestRetryAfter);
    }

    /// <summary>The collections of an order, the catalog only where it is named.</summary>
    private List<CollectionName> Named(string database, string collection) => [.. reports.Keys
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

        sender.Tell(Refusal(RefusalCode.NotFound, collection.Length == 0
            ? $"there is no database {database} on this member"
            : $"there is no collection {(database.Length == 0 ? "" : database + "/")}{collection} on this member"));
        return true;
    }

    /// <summary>A check with a name is asked for again and again by whoever waits for it.</summary>
    private void OnVerify(VerifyCollections order, IActorRef sender)
    {
        if (order.Id.Length > 0 && fileChecks.TryGetValue(order.Id, out var atWork))
        {
            atWork.Tell(order, sender);
        }
        else if (fileChecks.Count >= MaxFileChecks)
        {
            sender.Tell(Refusal(RefusalCode.Busy, $"{MaxFileChecks} checks of files are running here; wait for one"));
        }
        else if (!RefuseUnknown(order.Database, order.Collection, sender, out var names))
        {
            if (order.Collections.Count > 0)
            {
                names = [.. order.Collections
                    .Select(collection => new CollectionName(collection.Database, collection.Collection))
                    .Where(reports.ContainsKey)];
            }

            var number = ++fileCheckNumber;
            var check = Context.ActorOf(
                FileCheckActor.Props(options, order, [.. names.Select(name => (name, databases[name.Database]))], sender), $"file-check-{number}");
            fileChecks[order.Id.Length > 0 ? order.Id : $"#{number}"] = Context.Watch(check);
        }
    }

    private void OnCancelFileCheck(CancelFileCheck order)
    {
        if (fileChecks.TryGetValue(order.Id, out var check))
        {
            Context.Stop(check);
        }
    }

    private void OnFileCheckEnded(Terminated ended)
    {
        foreach (var (id, _) in fileChecks.Where(entry => entry.Value.Equals(ended.ActorRef)).ToList())
        {
            fileChecks.Remove(id);
        }
    }

    private void OnCompare(INodeCommand command, CollectionName name, IActorRef sender)
    {
        if (databases.TryGetValue(name.Database, out var database))
        {
            database.Tell(new CompareCollection(name, command), sender);
        }
        else
        {
            sender.Tell(Verdicts.NotComparable(command, options.Node, $"there is no database {name.Database} on this member"));
        }
    }

    private void OnCleanUp(CleanUpIndexes order, IActorRef sender)
    {
        if (!RefuseUnknown(order.Database, order.Collection, sender, out var names))
        {
            CleanUp([.. names.Select(name => (name, databases[name.Database]))], order.PartialCopies).PipeTo(
                sender, Self, failure: error => Refusal(RefusalCode.WrongState, error.Message));
        }
    }

    private async Task<object> CleanUp(IReadOnlyList<(CollectionName Name, IActorRef Database)> collections, bool partialCopies)
    {
        var answers = await Task.WhenAll(collections.Select(each =>
            each.Database.Ask<CollectionCleanedUp>(new CleanUpCollection(each.Name, partialCopies), options.CollectionTimeout))).ConfigureAwait(false);
        var failures = answers.Where(answer => answer.Failure.Length > 0).Select(answer => $"{answer.Name}: {answer.Failure}").ToList();
        if (failures.Count > 0 && failures.Count == answers.Length)
        {
            throw new InvalidOperationException(string.Join("; ", failures));
        }

        return new IndexesCleanedUp(
            options.Node,
            [.. answers.SelectMany(answer => answer.Files.Select(file => new RemovedIndexFile(answer.Name.Database, answer.Name.Collection, file)))],
            answers.Sum(answer => answer.Bytes));
    }

    private async Task ResyncAll(IReadOnlyList<CollectionName> names)
    {
        var asked = names.Select(name => databases[name.Database].Ask<ResyncOrdered>(new OrderResync(name), options.CollectionTimeout)).ToList();
        var failures = (await Task.WhenAll(asked).ConfigureAwait(false)).Where(answer => answer.Failure.Length > 0).ToList();
        if (failures.Count > 0)
        {
            throw new InvalidOperationException(string.Join("; ", failures.Select(answer => $"{answer.Name}: {answer.Failure}")));
        }
    }

    /// <summary>Never on the primary: the others copy from it.</summary>
    private void OnResync(ResyncCollection order, IActorRef sender)
    {
        var name = new CollectionName(order.Database, order.Collection);
        if (order.Database.Length > 0 && !reports.ContainsKey(name))
        {
            sender.Tell(Refusal(RefusalCode.NotFound, $"there is no collection {name} on this member"));
        }
        else if (member.Role == MemberRole.Primary)
        {
            sender.Tell(Refusal(RefusalCode.WrongState, "this member is primary, from which the others copy; step it down first"));
        }
        else if (order.Database.Length == 0)
        {
            log.Warning("all collections are moved aside and copied again from the primary, as ordered");
            ResyncAll([.. reports.Keys]).PipeTo(
                sender, Self, () => new ResyncBegun(options.Node, "", "", options.DataDirectory), error => Refusal(RefusalCode.WrongState, error.Message));
        }
        else
        {
            log.Warning("{0} is moved aside and copied again from the primary, as ordered", name);
            databases[name.Database].Ask<ResyncOrdered>(new OrderResync(name), options.CollectionTimeout).PipeTo(
                sender,
                Self,
                object (ordered) => ordered.Failure.Length == 0
                    ? new ResyncBegun(options.Node, name.Database, name.Collection, ordered.KeptIn)
                    : Refusal(RefusalCode.WrongState, $"{name}: {ordered.Failure}"),
                error => Refusal(RefusalCode.WrongState, $"{name} does not answer: {error.Message}"));
        }
    }
}
