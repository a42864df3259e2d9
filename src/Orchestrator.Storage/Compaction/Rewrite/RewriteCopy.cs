using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Sizes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Compaction.Rewrite;

/// <summary>A partial copy of the documents while it is open, with its source attached, and how far it is.</summary>
internal sealed class RewriteCopy : IDisposable
{
    private readonly CollectionDirectory _directory;

    private RewriteCopy(CollectionDirectory directory, SqliteSession session)
    {
        _directory = directory;
        Session = session;
        Tree = new BTree((int)session.Scalar("PRAGMA main.page_size"));
    }

    public SqliteSession Session { get; }

    public BTree Tree { get; }

    public string Path => _directory.DocumentsCopy;

    /// <summary>How far the copy is, as it is stored in it.</summary>
    public Checkpoint Checkpoint { get; private set; } = new(0, 0, 0, 0, 0, false, "");

    /// <summary>What the source says of itself now.</summary>
    public DocumentsState Source => DocumentsState.Read(Session, "src");

    /// <summary>Opens the copy that is there to be gone on with, or begins one.</summary>
    /// <exception cref="CorruptFileException"/>
    /// <exception cref="CompactionRefusedException">It is of another generation of the source.</exception>
    public static RewriteCopy Open(CollectionDirectory directory, CompressionSetting compression, JobControl control)
    {
        var session = CopyFile.Open(directory.DocumentsCopy, directory.Documents, control.Options);
        try
        {
            var copy = new RewriteCopy(directory, session);
            if (DocumentsSchema.IsEmpty(session))
            {
                copy.Begin(compression, control.Files.BootId ?? "");
                control.Files.SyncDirectory(directory.Path);
            }

            copy.Checkpoint = Checkpoint.Read(session)
                ?? throw new CorruptFileException(directory.DocumentsCopy, "it is not a copy under way");
            copy.RequireGeneration();
            var state = DocumentsState.Read(session);
            if (state.Generation != copy.Checkpoint.SourceGeneration)
            {
                // It was sealed for a swap that did not come about.
                (state with { Generation = copy.Checkpoint.SourceGeneration }).Write(session);
            }

            return copy;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Changes the copy and its checkpoint in one transaction.</summary>
    public void Change(Func<Checkpoint, Checkpoint> change) => Checkpoint = Session.InTransaction(write: false, () =>
    {
        var next = change(Checkpoint);
        next.Write(Session);
        return next;
    });

    /// <summary>Bytes by which the file has grown since it had so many pages.</summary>
    public long BytesAdded(long pagesBefore) => Math.Max(0, Pages() - pagesBefore) * Tree.PageSize;

    public long Pages() => Session.Scalar("PRAGMA main.page_count");

    /// <exception cref="CompactionRefusedException">The source is not any more what was copied.</exception>
    public void RequireGeneration()
    {
        var generation = Session.Scalar("SELECT generation FROM src.state");
        if (generation != Checkpoint.SourceGeneration)
        {
            throw new CompactionRefusedException($"{_directory.Documents} was rolled back, or tombstones were dropped from it; the compaction must start again.");
        }
    }

    /// <summary>Closes it with all that it is to have as the documents file, synced.</summary>
    public void CloseSynced(JobControl control) => CopyFile.CloseSynced(Session, Path, control);

    public void Dispose() => Session.Dispose();

    private void Begin(CompressionSetting compression, string boot) => Session.InTransaction(write: false, () =>
    {
        var source = Source;
        DocumentsSchema.Create(Session, DocumentsState.New with
        {
            Generation = source.Generation,
            PurgedThrough = source.PurgedThrough,
            Encoding = compression.ToString(),
        });
        new Checkpoint(source.Generation, source.LastSeq, 0, 0, 0, false, boot).Write(Session);
    });
}
