using Orchestrator.Storage.Files;

namespace Orchestrator.Storage.Compaction.Rewrite;

/// <summary>What is copied in one transaction, each with its checkpoint.</summary>
internal sealed class CopyBatches : IDisposable
{
    private const int MinRows = 8;
    private const int MaxRows = 1 << 14;

    // Rows are copied by one statement for each piece of a batch; the disk begins to write a piece while the next one is copied.
    private const long PieceBytes = 4L << 20;
    private readonly RewriteCopy _copy;
    private readonly RowCopy _rows;
    private readonly WriteBack? _writeBack;
    private int _batchRows;

    public CopyBatches(RewriteCopy copy, RowCopy rows, JobControl control)
    {
        _copy = copy;
        _rows = rows;
        _batchRows = FirstBatchRows(control);
        _writeBack = control.Files.OpenForWriteBack(copy.Path);
    }

    /// <summary>
    /// Copies the next rows up to the seq where the source was when the copy began, in one transaction. A
    /// cancellation ends it at the next piece; what is copied by then counts.
    /// </summary>
    public void Append(JobControl control, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var pages = _copy.Pages();
        long bytes = 0;
        _copy.Change(checkpoint =>
        {
            // The first read of the source in this transaction; all that follows is of the same snapshot.
            _copy.RequireGeneration();
            do
            {
                var before = bytes;
                checkpoint = AppendPiece(checkpoint);
                bytes = _copy.BytesAdded(pages);
                Adapt(bytes - before, Math.Min(PieceBytes, control.BatchBytes));
                _writeBack?.Begin();
            }
            while (checkpoint.CopiedThrough < checkpoint.CopyTarget && bytes < control.BatchBytes && !cancellation.IsCancellationRequested);

            return checkpoint;
        });
        control.AfterBatch(bytes, cancellation);
    }

    /// <summary>
    /// Copies the next rows up to <paramref name="target"/> in the place of those of the same ids, in one transaction.
    /// </summary>
    /// <param name="control">Null in the write pause, where nothing is to be waited for.</param>
    public void Replace(JobControl? control, long target, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var pages = _copy.Pages();
        _copy.Change(checkpoint =>
        {
            _copy.RequireGeneration();
            var through = EndOfBatch(checkpoint.CopiedThrough, target);
            var rows = _rows.Replace(checkpoint.CopiedThrough, through);
            return checkpoint with
            {
                CopiedThrough = through,
                RowsCopied = checkpoint.RowsCopied + rows.Copied,
                TombstonesDropped = checkpoint.TombstonesDropped + rows.Dropped,
            };
        });
        if (control is not null)
        {
            var bytes = _copy.BytesAdded(pages);
            Adapt(bytes, control.BatchBytes);
            control.AfterBatch(bytes, cancellation);
        }
    }

    public void Dispose() => _writeBack?.Dispose();

    /// <summary>Rows for about one piece, by the average of the source's.</summary>
    private int FirstBatchRows(JobControl control)
    {
        var source = _copy.Source;
        var bytes = source.Cost.LeafBytes + (source.Cost.OverflowPages * _copy.Tree.PageSize);
        var rowBytes = source.Rows == 0 ? _copy.Tree.PageSize : Math.Max(1, bytes / source.Rows);
        return (int)Math.Clamp(Math.Min(PieceBytes, control.BatchBytes) / rowBytes, MinRows, MaxRows);
    }

    private Checkpoint AppendPiece(Checkpoint at)
    {
        var copied = _rows.Append(at.CopiedThrough, at.CopyTarget, _batchRows);

        // Rows are appended in seq order, so the last one tells how far it came.
        var through = copied < _batchRows ? at.CopyTarget : _copy.Session.Scalar("SELECT max(seq) FROM main.documents");
        return at with
        {
            CopiedThrough = through,
            RowsCopied = at.RowsCopied + copied,
            TombstonesDropped = at.TombstonesDropped + _rows.CountDropped(at.CopiedThrough, through),
        };
    }

    /// <summary>The seq of the last row of a full batch; the target if no row is left after it.</summary>
    private long EndOfBatch(long from, long target)
    {
        var through = _copy.Session.Scalar(
            "SELECT max(seq) FROM (SELECT seq FROM src.documents WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3)",
            from, target, _batchRows);
        var full = through != 0 && _copy.Session.Scalar(
            "SELECT count(*) FROM (SELECT 1 FROM src.documents WHERE seq > ?1 AND seq <= ?2 LIMIT 1)", through, target) > 0;
        return full ? through : target;
    }

    private void Adapt(long bytes, long targetBytes)
    {
        var factor = bytes == 0 ? 2 : Math.Clamp((double)targetBytes / bytes, 0.25, 2);
        _batchRows = (int)Math.Clamp(_batchRows * factor, MinRows, MaxRows);
    }
}
