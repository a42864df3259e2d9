using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.CouchDouble;

/// <summary>Something in a file that is compacted by itself: a node's copy of a shard, or one of its view indexes.</summary>
internal class DoubleFile(string shard)
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _work;

    /// <summary>The shard's own name.</summary>
    public string Shard => shard;

    public long File { get; set; }

    public long Active { get; set; }

    /// <summary>What its documents take uncompressed.</summary>
    public long External => Active / 2;

    public bool IsRunning => _work is not null;

    /// <summary>Bytes of <c>.compact.data</c> and <c>.compact.meta</c> that a killed node left behind.</summary>
    public long Leftovers { get; set; }

    /// <summary>How often it was ordered; what came while it was at work counts too, though it starts nothing.</summary>
    public int Orders { get; private set; }

    /// <summary>How often a compaction went on from what was left.</summary>
    public int Resumed { get; private set; }

    public int Ended { get; private set; }

    public long UpdateSequence { get; set; } = 100;

    public long CompactedSequence { get; private set; }

    /// <summary>The phase, and what it has done and has to do; empty before the first.</summary>
    public (string Name, long Done, long Total) Phase { get; set; } = ("", 0, 0);

    public DateTimeOffset StartedAt { get; private set; }

    public Exception? Fault { get; set; }

    /// <summary>Starts the work, if none runs; returns at once as CouchDB does.</summary>
    /// <param name="held">The work lasts until this has ended; null for <paramref name="time"/>.</param>
    public void Compact(IReadOnlyList<string> phases, TimeSpan time, Task? held, bool isOrdered = true)
    {
        CancellationToken token;
        lock (_lock)
        {
            Orders += isOrdered ? 1 : 0;
            if (_work is not null)
            {
                return;
            }

            Resumed += Leftovers > 0 ? 1 : 0;
            StartedAt = TimeProvider.System.GetUtcNow();
            if (held is null && time == TimeSpan.Zero)
            {
                Finish();
                return;
            }

            _work = new CancellationTokenSource();
            token = _work.Token;

            // Real ones were seen beyond their total.
            Phase = (phases[0], 150, 100);
        }

        _ = Work(phases, time, held, token);
    }

    /// <summary>The node's process has ended, or the database is gone.</summary>
    /// <param name="leaves">Whether what was copied stays.</param>
    public void Abort(bool leaves)
    {
        lock (_lock)
        {
            if (_work is null)
            {
                return;
            }

            Leftovers = leaves ? Math.Max(1, Active / 2) : 0;
            _work.Cancel();
            _work = null;
        }
    }

    private async Task Work(IReadOnlyList<string> phases, TimeSpan time, Task? held, CancellationToken cancellationToken)
    {
        try
        {
            if (held is not null)
            {
                await held.WaitAsync(cancellationToken);
            }

            const int Ticks = 10;
            foreach (var phase in phases)
            {
                for (var i = 0; i < Ticks && time > TimeSpan.Zero; i++)
                {
                    Phase = (phase, phase == "docid_sort" ? 0 : i * 10, phase == "docid_sort" ? 0 : Ticks * 10);
                    await Task.Delay(time / (phases.Count * Ticks), cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }

        lock (_lock)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                // In this order: who sees it idle finds the file as it has left it.
                Finish();
                _work = null;
            }
        }
    }

    private void Finish()
    {
        (File, Leftovers, CompactedSequence, Phase) = (Active, 0, UpdateSequence, ("", 0, 0));
        Ended++;
    }
}

/// <summary>A node's copy of a shard.</summary>
internal sealed class DoubleShard(string name) : DoubleFile(name)
{
    public static IReadOnlyList<string> Phases { get; } = ["document_copy", "docid_sort", "docid_copy"];

    /// <summary>Indexes by the names of their design documents, without <c>_design/</c>.</summary>
    public SortedDictionary<string, DoubleView> Views { get; } = new(StringComparer.Ordinal);

    /// <summary>Bytes of index files of which no design document knows any more.</summary>
    public long StaleIndexBytes { get; set; }

    /// <summary>Signatures of these files.</summary>
    public ConcurrentBag<string> StaleIndexes { get; } = [];

    public int Cleanups { get; private set; }

    public void CleanUp()
    {
        (StaleIndexBytes, Cleanups) = (0, Cleanups + 1);
        StaleIndexes.Clear();
    }

    /// <summary>Ids of the local documents that CouchDB itself writes: one for each index file, and one for each other copy.</summary>
    public IEnumerable<string> SystemDocuments => Views.Values.Select(view => view.Signature).Concat(StaleIndexes).Select(signature => $"_local/purge-mrview-{signature}")
        .Append("_local/shard-sync-uRzyn9wNHKJzRYz4jG3J9Q-KzYcnMxcVmZZYmXvJXfZ5A");
}

/// <summary>The index of a design document on one copy of a shard.</summary>
internal sealed class DoubleView(string shard, string designDocument) : DoubleFile(shard)
{
    public static IReadOnlyList<string> Phases { get; } = ["", "ids", "view"];

    public string DesignDocument => designDocument;

    /// <summary>The name of its file.</summary>
    public string Signature { get; } = SignatureOf(designDocument);

    public static string SignatureOf(string designDocument) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(designDocument)).AsSpan(0, 16));

    /// <summary>Whether it is being built or brought up to date.</summary>
    public bool IsUpdating { get; set; }
}
