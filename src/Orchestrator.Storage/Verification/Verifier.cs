using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Verification;

/// <summary>
/// Checks a collection while it serves. The snapshots of an index and of the documents are not of the same instant; what
/// seems to be wrong is therefore looked at again, by itself, at the end.
/// </summary>
internal sealed class Verifier(
    string documentsPath, DocumentsReader documents, VerificationProgress? progress, CancellationToken cancellation)
{
    private const int MaxProblems = 100;
    private const int MaxSuspects = 10_000;
    private const int CancelEvery = 256;
    private readonly List<VerificationProblem> problems = [];
    private long live;
    private long tombstones;
    private long entries;
    private string stage = "";
    private long rowsDone;
    private long rowsTotal;

    /// <param name="expected">What there is to look at.</param>
    public VerificationReport Run(IReadOnlyList<IndexFile> indexes, DocumentsState expected)
    {
        CorruptFileException? damage = null;
        rowsTotal = expected.Documents + expected.Tombstones + (indexes.Count * expected.Documents);
        try
        {
            documents.Read(lease => lease.Session.InTransaction(write: false, () =>
            {
                CheckFile(documentsPath, lease.Session);
                stage = "feed";
                CheckFeed(lease.Session);
                return true;
            }));
            foreach (var index in indexes)
            {
                CheckIndex(index);
            }
        }
        catch (CorruptFileException e)
        {
            problems.Add(new VerificationProblem(e.File, e.Message));
            damage = e;
        }

        return new VerificationReport(problems, live, tombstones, entries) { Damage = damage };
    }

    private void CheckFile(string path, SqliteSession session) => session.Interruptible(cancellation, () =>
    {
        stage = $"file {Path.GetFileName(path)}";
        progress?.Invoke(stage, rowsDone, rowsTotal);
        using var rows = session.Query($"PRAGMA integrity_check({MaxProblems})");
        while (rows.Read())
        {
            if (rows.GetString(0) is var verdict && verdict != "ok")
            {
                Add(path, verdict);
            }
        }
    });

    /// <summary>
    /// Seqs have gaps where versions were replaced; what can be told is that no row is beyond the end, that each is of the
    /// term that the feed has there, and that there are as many as are counted.
    /// </summary>
    private void CheckFeed(SqliteSession session)
    {
        var state = DocumentsState.Read(session);
        var terms = Terms.Read(session);
        long last = 0;
        using (var rows = session.Query("SELECT seq, id, term, deleted, codec, body FROM documents ORDER BY seq"))
        {
            while (rows.Read())
            {
                last = rows.GetInt64(0);
                CheckRow(rows, terms);
            }
        }

        if (live != state.Documents || tombstones != state.Tombstones)
        {
            Add(documentsPath, $"{state.Documents} documents and {state.Tombstones} tombstones are counted, but there are {live} and {tombstones}");
        }

        if (last > state.LastSeq || state.PurgedThrough > state.LastSeq)
        {
            Add(documentsPath, $"the feed ends at {state.LastSeq}, but there is change {last} and tombstones are dropped through {state.PurgedThrough}");
        }
    }

    private void CheckRow(SqliteRows row, IReadOnlyList<Feed.TermStart> terms)
    {
        if (row.GetInt64(3) != 0)
        {
            tombstones++;
        }
        else
        {
            live++;
        }

        Look();

        if (Terms.At(terms, row.GetInt64(0)) is var term && term != row.GetInt64(2))
        {
            Add(documentsPath, $"change {row.GetInt64(0)} is of term {row.GetInt64(2)}, the feed has term {term} there");
        }

        if (row.GetInt64(3) != 0)
        {
            return;
        }

        try
        {
            if (DocumentRules.WhyIdIsInvalid(row.GetString(1)) is { } wrong)
            {
                Add(documentsPath, $"document '{row.GetString(1)}' (change {row.GetInt64(0)}): {wrong}");
            }

            if (DocumentRules.WhyBodyIsInvalid(DocumentsSchema.ReadBody(row, 4).Span) is { } why)
            {
                Add(documentsPath, $"document '{row.GetString(1)}' (change {row.GetInt64(0)}) {why}");
            }
        }
        catch (StorageException e)
        {
            Add(documentsPath, $"document '{row.GetString(1)}' (change {row.GetInt64(0)}): {e.Message}");
        }
    }

    /// <summary>Called for every row.</summary>
    private void Look()
    {
        if (++rowsDone % CancelEvery == 0)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Invoke(stage, rowsDone, rowsTotal);
        }
    }

    private void CheckIndex(IndexFile index)
    {
        var suspects = new List<long>();
        index.Read(lease => lease.Session.InTransaction(write: false, () =>
        {
            CheckFile(index.Path, lease.Session);
            var through = IndexState.Read(lease.Session).IndexedThrough;
            return documents.Read(rows => rows.Session.InTransaction(write: false, () =>
            {
                Compare(index, lease.Session, rows.Session, through, suspects);
                return true;
            }));
        }));
        foreach (var seq in suspects.Order().Distinct())
        {
            LookAgain(index, seq);
        }
    }

    /// <summary>Goes through both in seq order.</summary>
    private void Compare(IndexFile index, SqliteSession entriesOf, SqliteSession rowsOf, long through, List<long> suspects)
    {
        using var entry = entriesOf.Query("SELECT seq, key FROM entries WHERE seq <= ?1 ORDER BY seq", through);
        using var row = rowsOf.Query("SELECT seq, codec, body FROM documents WHERE seq <= ?1 AND deleted = 0 ORDER BY seq", through);
        var entrySeq = Next(entry);
        stage = $"index {index.Definition.Name}";
        while (row.Read())
        {
            Look();
            var seq = row.GetInt64(0);
            for (; entrySeq < seq; entrySeq = Next(entry))
            {
                Suspect(suspects, entrySeq);
            }

            var found = entrySeq == seq ? entry.GetFieldValue<byte[]>(1) : null;
            if (!SameKey(KeyOf(index, row, 1), found))
            {
                Suspect(suspects, seq);
            }

            if (entrySeq == seq)
            {
                entries++;
                entrySeq = Next(entry);
            }
        }

        for (; entrySeq != long.MaxValue; entrySeq = Next(entry))
        {
            Suspect(suspects, entrySeq);
        }
    }

    /// <summary>
    /// By itself: an entry is looked for before its document, which was there before if it is there after; and a document before its
    /// entry, which is to be gone once the index is as far as the documents were.
    /// </summary>
    private void LookAgain(IndexFile index, long seq)
    {
        var before = ReadEntry(index, seq);
        var document = documents.Read(lease => lease.Session.InTransaction(write: false, () =>
        {
            var last = DocumentsState.Read(lease.Session).LastSeq;
            using var row = lease.Session.Query("SELECT codec, body FROM documents WHERE seq = ?1 AND deleted = 0", seq);
            return row.Read() ? (IsLive: true, Key: KeyOf(index, row, 0), Last: last) : (false, null, last);
        }));
        if (document.IsLive)
        {
            if (before.Through >= seq && !SameKey(document.Key, before.Key))
            {
                Add(index.Path, before.Key is null ? $"document of change {seq} has no entry" : $"the entry of change {seq} is not its document's");
            }

            return;
        }

        var after = ReadEntry(index, seq);
        if (after.Key is not null && after.Through >= document.Last)
        {
            Add(index.Path, $"the entry of change {seq} has no document");
        }
    }

    private static (long Through, byte[]? Key) ReadEntry(IndexFile index, long seq) =>
        index.Read(lease => lease.Session.InTransaction(write: false, () =>
        {
            var through = IndexState.Read(lease.Session).IndexedThrough;
            using var row = lease.Session.Query("SELECT key FROM entries WHERE seq = ?1", seq);
            return (through, row.Read() ? row.GetFieldValue<byte[]>(0) : null);
        }));

    /// <summary>Null also if the body cannot be read, which is found elsewhere.</summary>
    private static IndexKey? KeyOf(IndexFile index, SqliteRows row, int codecColumn)
    {
        try
        {
            return index.Definition.Path.Extract(DocumentsSchema.ReadBody(row, codecColumn).Span);
        }
        catch (Exception e) when (e is StorageException or System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static long Next(SqliteRows entry) => entry.Read() ? entry.GetInt64(0) : long.MaxValue;

    private static bool SameKey(IndexKey? key, byte[]? found) =>
        key is null ? found is null : found is not null && key.Encoded.AsSpan().SequenceEqual(found);

    private static void Suspect(List<long> suspects, long seq)
    {
        if (suspects.Count < MaxSuspects)
        {
            suspects.Add(seq);
        }
    }

    private void Add(string file, string description)
    {
        if (problems.Count(problem => problem.File == file) < MaxProblems)
        {
            problems.Add(new VerificationProblem(file, description));
        }
    }
}
