using Orchestrator.Storage.Replication;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Files;
using Orchestrator.Storage.Sizes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Documents;

/// <summary>
/// The writing side of <c>documents.sqlite</c>: the open file, what it says of itself, and for each kind of change the class that makes it.
/// </summary>
internal sealed class DocumentsFile : IDisposable
{
    private readonly CommittedState _committed;

    private DocumentsFile(SqliteSession session)
    {
        Session = session;
        Tree = new BTree((int)session.Scalar("PRAGMA page_size"));
        History = new FeedHistory(session);
        _committed = new CommittedState(session);
        Rows = new DocumentRows(session, Tree);
        Writes = new PrimaryWrites(session, _committed, Rows, History);
        Refetch = new RefetchList(session, _committed, Rows);
        Followed = new FollowedFeed(session, _committed, Rows, History, Refetch);
        FirstCopy = new FirstCopyWriter(session, _committed, Rows, History);
        Publication = new PublicationWriter(session, _committed, Rows, History, Refetch);
        RollBack = new FeedRollBack(session, _committed, Rows, History, Refetch);
        Tombstones = new TombstoneDrop(_committed, Rows);
    }

    /// <summary>State, terms and what is under way, as they belong together, on disk. Any thread.</summary>
    public DocumentsSnapshot Current => _committed.Current;

    public DocumentsState State => Current.State;

    public IReadOnlyList<TermStart> TermHistory => Current.Terms;

    public FeedPosition Position => Current.Position;

    /// <summary>The running checksum of the feed. Any thread, to read it.</summary>
    public FeedHistory History { get; }

    public BTree Tree { get; }

    public SqliteSession Session { get; }

    public DocumentRows Rows { get; }

    public PrimaryWrites Writes { get; }

    public FollowedFeed Followed { get; }

    public FirstCopyWriter FirstCopy { get; }

    public PublicationWriter Publication { get; }

    public FeedRollBack RollBack { get; }

    public RefetchList Refetch { get; }

    public TombstoneDrop Tombstones { get; }

    /// <summary>The version that the file had before it was opened, if it was an older one.</summary>
    public long? MigratedFrom { get; private init; }

    /// <summary>Kept open until the file is closed, once it is there.</summary>
    public HoleFile? Holes { get; set; }

    /// <summary>Opens the file, or creates it.</summary>
    public static DocumentsFile Open(string path, StorageOptions options)
    {
        var session = SqliteSession.OpenOrCreate(path, options);
        try
        {
            session.UseWriteAheadLog(options);
            if (DocumentsSchema.IsEmpty(session))
            {
                session.InTransaction(write: true, () =>
                {
                    DocumentsSchema.Create(session, DocumentsState.New);
                    session.Execute(DocumentsSchema.CreateIdIndex);
                });
            }

            var migrated = DocumentsSchema.Migrate(session);
            return new DocumentsFile(session) { MigratedFrom = migrated };
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Session.Dispose();
        History.Dispose();
        Holes?.Dispose();
        Holes = null;
    }
}
