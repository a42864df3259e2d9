using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes;

/// <content>Offline times, the check of the files, index cleanup, and beginning anew.</content>
internal sealed partial class CollectionActor
{
    private static readonly TimeSpan OfflineRetryAfter = TimeSpan.FromSeconds(5);

    // The files are closed while they are compacted with the mode exclusive.
    private bool offline;
    private bool resyncing;

    private void ReceiveUpkeep()
    {
        Receive<VerifyCollection>(OnVerify);
        Receive<CompareCollection>(OnCompare);
        Receive<CleanUpCollection>(OnCleanUp);
        Receive<OrderResync>(_ => OrderResync(Sender, ""));
        Receive<PutCollection>(OnPutCollection);
        Receive<DescribeCollection>(_ => ReadAs(anyMember: true, Describe));
    }

    private CollectionDescribed Describe() => new(
        new CollectionSettings(store.Indexes) { Compression = store.Compression, Cap = store.Cap }, store.DocumentCount, store.Position.Seq)
    {
        Building = Unfinished(),
    };

    /// <summary>The catalog has the settings already; here they are only taken over.</summary>
    private void OnPutCollection(PutCollection request)
    {
        var sender = Sender;
        settings = settings with { Compression = request.Compression, Cap = request.Cap };
        BringInLine(_ => sender.Tell(offline || store.Compression != request.Compression || store.Cap != request.Cap
            ? new DataUnavailable($"{name} applies the settings as soon as it can", RetryAfter)
            : Describe()));
    }

    /// <summary>From here on nobody reads or writes the files; replication waits and catches up afterwards.</summary>
    private void GoOffline()
    {
        offline = true;
        StopPulling();
        foreach (var write in writes.TakeAll())
        {
            write.Sender.Tell(OfflineRefusal());
        }

        foreach (var waiting in waitingReaders)
        {
            waiting.Sender.Tell(OfflineRefusal());
        }

        waitingReaders.Clear();
    }

    private void ComeOnline()
    {
        if (!offline || compaction?.Order.Settings.Mode == CompactionActor.ClosesDatabase)
        {
            // The next unit may have begun while the last one was put away.
            return;
        }

        // Takes up the duty and the settings that came meanwhile, and pulls on.
        offline = false;
        AwaitQuiet();
        BringInLine();
    }

    private DataUnavailable OfflineRefusal() => new($"{name} is offline: it is being compacted with the mode exclusive", OfflineRetryAfter);

    private void OnVerify(VerifyCollection request)
    {
        if (offline)
        {
            Sender.Tell(Verdicts.Failed(name, OfflineRefusal().Reason));
            return;
        }

        var sender = Sender;
        var watch = request.Watch ?? new FileCheckWatch(CancellationToken.None);
        Task.Run(() =>
        {
            var report = store.Verify(watch.Cancellation, watch.Note);
            watch.Note("checksum", watch.Latest.RowsTotal, watch.Latest.RowsTotal);
            return Verdicts.Of(name, report, store.Checksum(watch.Cancellation));
        }).PipeTo(sender, self, failure: error => Verdicts.Failed(name, $"it cannot be checked: {error.Message}"));
    }

    /// <summary>Only a copy that is whole is compared: what is still missing here would pass for a difference.</summary>
    private void OnCompare(CompareCollection request)
    {
        if (offline)
        {
            Sender.Tell(Verdicts.NotComparable(request.Command, options.Node, OfflineRefusal().Reason));
            return;
        }

        if (Condition() is (not CollectionCondition.Ready, var reason))
        {
            Sender.Tell(Verdicts.NotComparable(request.Command, options.Node, $"{name} {reason}"));
            return;
        }

        var sender = Sender;
        Task.Run(() => Compare(request.Command)).PipeTo(
            sender, self, failure: error => Verdicts.NotComparable(request.Command, options.Node, $"{name} cannot be read: {error.Message}"));
    }

    private object Compare(INodeCommand command)
    {
        switch (command)
        {
            case DigestRanges digest:
                var ranges = store.Digest(digest.After, digest.Through, digest.Borders, digest.TombstonesAfter);
                return new RangesDigested(options.Node, ranges.LastSeq, ranges.PurgedThrough, ranges.Ranges);
            case ListVersions list:
                var found = list.Ids.Count > 0 ? store.VersionsOf(list.Ids) : store.Versions(list.After, list.Through, list.TombstonesAfter);
                return new VersionsListed(options.Node, found.LastSeq, found.PurgedThrough, found.Through, found.Versions);
            default:
                throw new InvalidOperationException($"unknown question {command.GetType().Name}");
        }
    }

    private void OnCleanUp(CleanUpCollection order)
    {
        if (offline)
        {
            Sender.Tell(new CollectionCleanedUp(name, [], 0, OfflineRefusal().Reason));
            return;
        }

        var sender = Sender;
        lane.Run(
            () => order.PartialCopies ? store.Compaction.DiscardPartial().And(store.CleanIndexes()) : store.CleanIndexes(),
            cleaned =>
            {
                log.Info("{0}: removed {1} files that are not used, {2} bytes", name, cleaned.Files.Count, cleaned.Bytes);
                sender.Tell(new CollectionCleanedUp(name, cleaned.Files, cleaned.Bytes, ""));
            },
            error => sender.Tell(new CollectionCleanedUp(name, [], 0, error.Message)));
    }

    /// <summary>
    /// Once the order is on disk the actor is to be ended and started anew, whatever state the files are in. Nothing is vouched
    /// for from here on.
    /// </summary>
    /// <param name="because">What was found, for the operator; empty if he has ordered it.</param>
    private void OrderResync(IActorRef sender, string because)
    {
        if (resyncing)
        {
            sender.Tell(new ResyncOrdered(name, "", "it is already being moved aside"));
            return;
        }

        resyncing = true;
        var database = Context.Parent;
        compaction?.Cancellation.Cancel();
        StopPulling();
        Report();
        lane.Run(
            () =>
            {
                CollectionStore.OrderResync(directory, options.Storage);
                return true;
            },
            _ =>
            {
                log.Warning("{0}: its files are moved aside and it is copied again from the primary", name);
                sender.Tell(new ResyncOrdered(name, directory.RollBacks, ""));
                database.Tell(new BeginAnew(because), self);
            },
            error =>
            {
                resyncing = false;
                sender.Tell(new ResyncOrdered(name, "", error.Message));
            },
            reserved: true);
    }
}
