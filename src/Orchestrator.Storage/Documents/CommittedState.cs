using Orchestrator.Storage.Replication;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Documents;

/// <summary>What the small tables of a documents file say: parts of one state that belong together.</summary>
internal sealed record DocumentsSnapshot(DocumentsState State, IReadOnlyList<TermStart> Terms, FirstCopy? FirstCopy, Publication? Publication)
{
    /// <summary>What a first copy, or a publication, has so far is no state that the source had: it is worth nothing until it is whole.</summary>
    public FeedPosition Position => FirstCopy is not null ? FeedPosition.Empty : Publication?.From ?? CopiedThrough;

    /// <summary>Where the rows end, whatever they are worth.</summary>
    public FeedPosition CopiedThrough => Documents.Terms.Position(Terms, State.LastSeq);

    /// <summary>True while a first copy or a publication is under way: the rows are no state that the source had.</summary>
    public bool IsBeingCopied => FirstCopy is not null || Publication is not null;

    public static DocumentsSnapshot Read(SqliteSession session) =>
        new(DocumentsState.Read(session), Documents.Terms.Read(session), FirstCopy.Read(session), Publication.Read(session));
}

/// <summary>
/// The one place where the state of a documents file changes: in one transaction, and for readers only after its commit, so that
/// they never see what may be rolled back.
/// </summary>
internal sealed class CommittedState(SqliteSession session)
{
    private volatile DocumentsSnapshot _current = DocumentsSnapshot.Read(session);

    /// <summary>What is on disk. Any thread.</summary>
    public DocumentsSnapshot Current => _current;

    public DocumentsState State => _current.State;

    public IReadOnlyList<TermStart> Terms => _current.Terms;

    /// <summary>Changes the file in one transaction. Another <see cref="DocumentsState"/> is written with it; the other tables are the change's own.</summary>
    /// <param name="change">Gives the state after it.</param>
    /// <param name="committed">Done once it is on disk, before the new state is seen.</param>
    public void Change(Func<DocumentsSnapshot, DocumentsSnapshot> change, Action? committed = null)
    {
        var next = session.InTransaction(write: true, () =>
        {
            var changed = change(_current);
            if (!ReferenceEquals(changed.State, _current.State))
            {
                changed.State.Write(session);
            }

            return changed;
        });
        committed?.Invoke();
        _current = next;
    }
}
