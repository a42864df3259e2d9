using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Documents;

/// <summary>The reading side of <c>documents.sqlite</c>, for any thread.</summary>
internal sealed class DocumentsReader(ReaderPool pool, string file)
{
    private const int MaxLimit = 10_000;
    private const int ScanBatch = 500;
    private const long ScanBatchBytes = 4 << 20;
    private const int YieldEvery = 256;
    private const int MaxChecksumAttempts = 16;
    private const int MaxLookedAt = 20_000;

    public ChangeRecord? GetChange(string id) => Read(lease =>
    {
        using var row = lease.Session.Query($"SELECT {DocumentsSchema.ChangeColumns} FROM documents WHERE id = ?1", id);
        return row.Read() ? DocumentsSchema.ReadChange(row) : null;
    });

    public ChangeBatch ReadChanges(long since, int limit, long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(since);
        RequireLimit(limit);
        return Read(lease => lease.Session.InTransaction(write: false, () => ReadChanges(lease.Session, since, limit, maxBytes)));
    }

    /// <summary>Live documents after a seq, ascending; batch by batch, so not of one snapshot.</summary>
    public IEnumerable<StoredDocument> Scan(long since)
    {
        while (true)
        {
            var batch = Read(lease => LiveAfter(lease.Session, since, ScanBatch, ScanBatchBytes));
            foreach (var document in batch)
            {
                yield return document;
                since = document.Seq;
            }

            if (batch.Count == 0)
            {
                yield break;
            }
        }
    }

    public IReadOnlyList<string> PendingRefetch(int limit)
    {
        RequireLimit(limit);
        return Read(lease =>
        {
            var ids = new List<string>();
            using var rows = lease.Session.Query("SELECT id FROM refetch WHERE left_to_feed = 0 ORDER BY id LIMIT ?1", limit);
            while (rows.Read())
            {
                ids.Add(rows.GetString(0));
            }

            return ids;
        });
    }

    public long PendingRefetchCount() => Read(lease => lease.Session.Scalar("SELECT count(*) FROM refetch WHERE left_to_feed = 0"));

    /// <summary>See <see cref="CollectionStore.Checksum"/>. Begins anew if a swap must not wait for it.</summary>
    public ContentChecksum Checksum(CancellationToken cancellation)
    {
        for (var attempt = 1; attempt <= MaxChecksumAttempts; attempt++)
        {
            if (Read(lease => lease.Session.InTransaction(write: false, () => Checksum(lease, cancellation))) is { } checksum)
            {
                return checksum;
            }
        }

        throw new StorageException($"{file}: the checksum was interrupted by compactions {MaxChecksumAttempts} times.");
    }

    /// <summary>Runs a read on a rented session.</summary>
    public T Read<T>(Func<ReaderPool.Lease, T> read)
    {
        using var lease = pool.Rent();
        try
        {
            return read(lease);
        }
        catch (StorageException)
        {
            lease.Broken = true;
            throw;
        }
    }

    /// <summary>Seqs of tombstones after a seq that may be dropped, ascending.</summary>
    /// <param name="oldest">Ends at the first one that is not due yet: those that follow are hardly ever older.</param>
    /// <returns>Up to <paramref name="limit"/> of them, and the seq through which there are no others.</returns>
    public (IReadOnlyList<long> Seqs, long Through) Droppable(TombstonePurge purge, long since, int limit, bool oldest = false)
    {
        RequireLimit(limit);
        if (purge.DropsNothing)
        {
            return ([], purge.HeldByAllThrough);
        }

        return Read(lease =>
        {
            var seqs = new List<long>();
            using var rows = lease.Session.Query(
                """
                SELECT seq, deleted FROM documents WHERE seq > ?1 AND seq <= ?2 ORDER BY seq
                """,
                since, purge.HeldByAllThrough);
            for (var read = 0; read < MaxLookedAt && seqs.Count < limit; read++)
            {
                if (!rows.Read())
                {
                    return (seqs, purge.HeldByAllThrough);
                }

                since = rows.GetInt64(0);
                var deleted = rows.GetInt64(1);
                if (purge.Drops(since, deleted))
                {
                    seqs.Add(since);
                }
                else if (deleted > 0 && oldest)
                {
                    return (seqs, purge.HeldByAllThrough);
                }
            }

            return ((IReadOnlyList<long>)seqs, since);
        });
    }

    public static StoredDocument ReadDocument(SqliteRows row) =>
        new(row.GetString(1), row.GetString(2), row.GetInt64(0), DocumentsSchema.ReadBody(row, 3));

    private static ChangeBatch ReadChanges(SqliteSession session, long since, int limit, long maxBytes)
    {
        var state = DocumentsState.Read(session);
        var terms = Terms.Read(session);
        var last = Terms.Position(terms, state.LastSeq);
        if (since > last.Seq)
        {
            throw new FeedConflictException($"Changes after {since} were asked for, but the feed ends at {last.Seq}.");
        }

        var changes = new List<ChangeRecord>();
        long bytes = 0;
        var complete = true;
        using (var rows = session.Query(
            $"SELECT {DocumentsSchema.ChangeColumns} FROM documents WHERE seq > ?1 ORDER BY seq LIMIT ?2", since, limit))
        {
            while (rows.Read())
            {
                var change = DocumentsSchema.ReadChange(rows);
                changes.Add(change);
                bytes += change.Body.Length;
                if (bytes >= maxBytes)
                {
                    complete = false;
                    break;
                }
            }
        }

        var through = complete && changes.Count < limit ? last.Seq : changes[^1].Seq;
        return new ChangeBatch(
            since, Terms.At(terms, since), through, changes, [.. terms.Where(start => start.FirstSeq > since)], last, state.PurgedThrough)
        {
            History = FeedHistory.Read(session, since, through),
        };
    }

    /// <summary>The next live documents after a seq, of one snapshot, and the seq through which there are no others.</summary>
    public (IReadOnlyList<StoredDocument> Documents, long Through) LiveAfter(long since, int limit, long maxBytes) =>
        Read(lease => lease.Session.InTransaction(write: false, () =>
        {
            var last = DocumentsState.Read(lease.Session).LastSeq;
            var found = LiveAfter(lease.Session, since, limit, maxBytes);
            return (found, found.Count == 0 ? last : found[^1].Seq);
        }));

    /// <summary>The next live documents after an id, in the order of ids.</summary>
    public IReadOnlyList<StoredDocument> AfterId(string id, int limit, long maxBytes)
    {
        RequireLimit(limit);
        return Read(lease =>
        {
            using var rows = lease.Session.Query(
                "SELECT seq, id, rev, codec, body FROM documents INDEXED BY documents_by_id WHERE id > ?1 AND deleted = 0 ORDER BY id LIMIT ?2", id, limit);
            return Take(rows, maxBytes);
        });
    }

    private static List<StoredDocument> LiveAfter(SqliteSession session, long since, int limit, long maxBytes)
    {
        using var rows = session.Query(
            "SELECT seq, id, rev, codec, body FROM documents WHERE seq > ?1 AND deleted = 0 ORDER BY seq LIMIT ?2", since, limit);
        return Take(rows, maxBytes);
    }

    private static List<StoredDocument> Take(SqliteRows rows, long maxBytes)
    {
        var documents = new List<StoredDocument>();
        long bytes = 0;
        while (bytes < maxBytes && rows.Read())
        {
            documents.Add(ReadDocument(rows));
            bytes += documents[^1].Body.Length;
        }

        return documents;
    }

    /// <returns>Null if the reader had to give way.</returns>
    private static ContentChecksum? Checksum(ReaderPool.Lease lease, CancellationToken cancellation)
    {
        var state = DocumentsState.Read(lease.Session);
        var position = Terms.Position(Terms.Read(lease.Session), state.LastSeq);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long documents = 0;
        using var rows = lease.Session.Query(
            "SELECT seq, id, rev, codec, body FROM documents INDEXED BY documents_by_id WHERE deleted = 0 ORDER BY id");
        while (rows.Read())
        {
            var document = ReadDocument(rows);
            Append(hash, Encoding.UTF8.GetBytes(document.Id));
            Append(hash, Encoding.UTF8.GetBytes(document.Rev));
            Append(hash, document.Body.Span);
            if (++documents % YieldEvery == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                if (lease.ShouldYield)
                {
                    return null;
                }
            }
        }

        return new ContentChecksum(Convert.ToHexStringLower(hash.GetHashAndReset()), documents, position);
    }

    /// <summary>With its length before it, so that no two contents give the same bytes.</summary>
    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> field)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, field.Length);
        hash.AppendData(length);
        hash.AppendData(field);
    }

    private static void RequireLimit(int limit)
    {
        if (limit is < 1 or > MaxLimit)
        {
            throw new ArgumentOutOfRangeException(nameof(limit), limit, $"The limit must be 1 to {MaxLimit}.");
        }
    }
}
