using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;

namespace Orchestrator.Storage.Indexes;

/// <summary>
/// An index that is being built beside the writer; see <see cref="CollectionStore.StartIndex"/>.
/// </summary>
/// <remarks>
/// Entries are taken from the feed in seq order, piece by piece, each of its own snapshot. The writer logs which versions it
/// replaces meanwhile. A version that is replaced before its piece was read is not found; one that is replaced after it is in
/// the log, because the log was there first. So after the log is worked off there is no entry too many, and after the feed's
/// end is reached none too few. The log is in memory only, and the writer may have replaced a version that it has not logged yet: so until
/// it is finished the file never says that it has the last change, and whoever opens it looks for entries too many.
/// </remarks>
public sealed class IndexBuild : IDisposable
{
    private const int MaxRounds = 1_000_000;

    // After so many tries writes come faster than they can be caught up with, and must wait for once.
    private const int MaxPostponements = 8;
    private const double ShareOfEntries = 0.9;
    private const int PieceRows = 1000;
    private const long PieceBytes = 4 << 20;
    private readonly object running = new();
    private readonly CancellationTokenSource stop = new();
    private readonly IndexFile index;
    private readonly DocumentsReader documents;
    private readonly StorageOptions options;
    private readonly Func<long> lastSeq;
    private readonly Action<IndexBuild> ended;
    private RemovalLog removals;
    private bool cleaned;
    private volatile bool ordered;
    private int postponed;
    private bool published;
    private int disposed;

    internal IndexBuild(
        IndexDefinition definition, string path, StorageOptions options, DocumentsReader documents, Func<long> lastSeq, Action<IndexBuild> ended)
    {
        this.options = options;
        removals = new RemovalLog(options.LoggedRemovals);
        this.documents = documents;
        this.lastSeq = lastSeq;
        this.ended = ended;
        index = IndexFile.Open(definition, path, options);
    }

    public IndexDefinition Definition => index.Definition;

    /// <summary>About how much of it is built, 0 to 1. Any thread.</summary>
    public double Fraction =>
        (lastSeq() is var last && last == 0 ? 1 : Math.Clamp((double)index.State.IndexedThrough / last, 0, 1)) * (ordered ? 1 : ShareOfEntries);

    internal string Path => index.Path;

    /// <summary>Gets the versions that the writer replaces.</summary>
    internal RemovalLog Removals => Volatile.Read(ref removals);

    /// <summary>Everything that can be done while writes go on. Blocks; for a background thread.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what is built is kept. May be called again.</exception>
    public void RunOnline(CancellationToken cancellation)
    {
        lock (running)
        {
            ObjectDisposedException.ThrowIf(disposed != 0, this);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stop.Token);
            BeginAnewIfOutdated();
            CleanOnce(either.Token);
            CopyEntries(either.Token);
            index.Writer.Interruptible(either.Token, () => index.Writer.Execute(IndexSchema.CreateKeyIndex));
            ordered = true;
            CopyEntries(either.Token);
        }
    }

    /// <summary>Closes the file unless the index is done, and waits for <see cref="RunOnline"/> to stop.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }

        stop.Cancel();
        lock (running)
        {
            if (!published)
            {
                index.Dispose();
            }
        }

        stop.Dispose();
        ended(this);
    }

    /// <summary>The seqs that it has indexed do not mean the same any more: it must begin anew.</summary>
    internal void Invalidate() => Removals.Invalidate("the documents were rolled back");

    /// <summary>On the writer's thread: the finished index, or null if too much is left to do.</summary>
    internal IndexFile? Finish(DocumentsFile writer, int mostChanges)
    {
        lock (running)
        {
            var lag = writer.State.LastSeq - index.State.IndexedThrough + Removals.Count;
            if (!Removals.IsValid || (lag > mostChanges && ++postponed <= MaxPostponements))
            {
                return null;
            }

            TakeOut();
            IndexRepair.AddMissing(index, writer.Session, writer.State.LastSeq);
            published = true;
        }

        Dispose();
        return index;
    }

    private void BeginAnewIfOutdated()
    {
        if (!Removals.IsValid || index.State.IndexedThrough > lastSeq())
        {
            Volatile.Write(ref removals, new RemovalLog(options.LoggedRemovals));
            index.Clear();
        }
    }

    /// <summary>A file that was there before has entries of versions that were replaced while nobody looked.</summary>
    private void CleanOnce(CancellationToken cancellation)
    {
        while (!cleaned)
        {
            cancellation.ThrowIfCancellationRequested();
            cleaned = index.State.Entries == 0 || documents.Read(lease => IndexRepair.RemoveGarbage(index, lease.Session, () => lease.ShouldYield));
        }
    }

    private void CopyEntries(CancellationToken cancellation)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            TakeOut();
            var most = lastSeq() - 1;
            if (index.State.IndexedThrough >= most)
            {
                return;
            }

            var piece = documents.LiveAfter(index.State.IndexedThrough, PieceRows, PieceBytes);
            index.Store(
                [.. piece.Documents.Select(document => new RowReplacement(0, document.Seq, document.Body))], Math.Min(piece.Through, most));
            options.Failpoint?.Invoke(Failpoints.IndexPieceBuilt);
        }
    }

    private void TakeOut()
    {
        if (Removals is { Count: > 0 } log)
        {
            index.Store([.. log.Take().Select(seq => new RowReplacement(seq, 0, default))], index.State.IndexedThrough);
        }
    }
}
