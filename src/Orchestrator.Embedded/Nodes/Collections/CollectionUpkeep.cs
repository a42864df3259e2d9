using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>What an operator asks of the files: settings, the check, the comparison with other members, the removal of what is not used.</summary>
/// <param name="condition">What the collection can do now, and why.</param>
internal sealed class CollectionUpkeep(
    ICollection collection, CollectionAccess access, CollectionIndexes indexes, Func<(CollectionCondition Condition, string Reason)> condition)
{
    public CollectionDescribed Describe()
    {
        var store = collection.Store;
        return new CollectionDescribed(
            new CollectionSettings(store.Indexes) { Compression = store.Compression, Cap = store.Cap }, store.DocumentCount, store.Position.Seq)
        {
            Building = indexes.Unfinished(),
        };
    }

    /// <summary>The catalog has the settings already; here they are only taken over.</summary>
    public void OnPutCollection(PutCollection request)
    {
        var (sender, store) = (collection.Sender, collection.Store);
        indexes.Apply(
            indexes.Settings with { Compression = request.Compression, Cap = request.Cap },
            () => sender.Tell(access.IsOffline || store.Compression != request.Compression || store.Cap != request.Cap
                ? new DataUnavailable($"{collection.Name} applies the settings as soon as it can", CollectionAccess.RetryAfter)
                : Describe()));
    }

    public void OnVerify(VerifyCollection request)
    {
        var (sender, name, store) = (collection.Sender, collection.Name, collection.Store);
        if (access.IsOffline)
        {
            sender.Tell(Verdicts.Failed(name, access.OfflineRefusal().Reason));
            return;
        }

        var watch = request.Watch ?? new FileCheckWatch(CancellationToken.None);
        Task.Run(() =>
        {
            var report = store.Verify(watch.Cancellation, watch.Note);
            watch.Note("checksum", watch.Latest.RowsTotal, watch.Latest.RowsTotal);
            if (report.Damage is { } damage)
            {
                FoundDamage.Tell(collection, damage);
            }

            return Verdicts.Of(name, report, store.Checksum(watch.Cancellation));
        }).PipeTo(sender, collection.Self, failure: error => Verdicts.Failed(name, $"it cannot be checked: {FoundDamage.Reason(collection, error)}"));
    }

    /// <summary>Only a copy that is whole is compared: what is still missing here would pass for a difference.</summary>
    public void OnCompare(CompareCollection request)
    {
        var (sender, name, node) = (collection.Sender, collection.Name, collection.Options.Node);
        if (access.IsOffline)
        {
            sender.Tell(Verdicts.NotComparable(request.Command, node, access.OfflineRefusal().Reason));
            return;
        }

        if (condition() is (not CollectionCondition.Ready, var reason))
        {
            sender.Tell(Verdicts.NotComparable(request.Command, node, $"{name} {reason}"));
            return;
        }

        Task.Run(() => Compare(request.Command)).PipeTo(
            sender, collection.Self, failure: error => Verdicts.NotComparable(request.Command, node, $"{name} cannot be read: {FoundDamage.Reason(collection, error)}"));
    }

    public void OnCleanUp(CleanUpCollection order)
    {
        var (sender, name, store) = (collection.Sender, collection.Name, collection.Store);
        if (access.IsOffline)
        {
            sender.Tell(new CollectionCleanedUp(name, [], 0, access.OfflineRefusal().Reason));
            return;
        }

        collection.Lane.Run(
            () => order.PartialCopies ? store.Compaction.DiscardPartial().And(store.CleanIndexes()) : store.CleanIndexes(),
            cleaned =>
            {
                collection.Log.Info("{0}: removed {1} files that are not used, {2} bytes", name, cleaned.Files.Count, cleaned.Bytes);
                sender.Tell(new CollectionCleanedUp(name, cleaned.Files, cleaned.Bytes, ""));
            },
            error => sender.Tell(new CollectionCleanedUp(name, [], 0, error.Message)));
    }

    private object Compare(INodeCommand command)
    {
        var (store, node) = (collection.Store, collection.Options.Node);
        switch (command)
        {
            case DigestRanges digest:
                var ranges = store.Digest(digest.After, digest.Through, digest.Borders, digest.TombstonesAfter);
                return new RangesDigested(node, ranges.LastSeq, ranges.PurgedThrough, ranges.Ranges);
            case ListVersions list:
                var found = list.Ids.Count > 0 ? store.VersionsOf(list.Ids) : store.Versions(list.After, list.Through, list.TombstonesAfter);
                return new VersionsListed(node, found.LastSeq, found.PurgedThrough, found.Through, found.Versions);
            default:
                throw new InvalidOperationException($"unknown question {command.GetType().Name}");
        }
    }
}
