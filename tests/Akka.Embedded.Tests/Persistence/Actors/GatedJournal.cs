using System.Runtime.CompilerServices;
using Akka.Persistence.Storage;

namespace Akka.Embedded.Tests.Persistence.Actors;

/// <summary>A journal whose writes wait for the test, and that fails when the test wants it to.</summary>
internal sealed class GatedJournal(IEventJournal journal) : IEventJournal
{
    private readonly SemaphoreSlim _arrived = new(0);
    private volatile TaskCompletionSource _gate = new();

    /// <summary>Fails writes when set.</summary>
    public Exception? WriteFailure { get; set; }

    /// <summary>Fails replays when set.</summary>
    public Exception? ReplayFailure { get; set; }

    /// <summary>Never answers a replay when set.</summary>
    public bool ReplayHangs { get; set; }

    /// <summary>The number of replays that were going on at once, at most.</summary>
    public int MostReplaysAtOnce { get; private set; }

    private int _replays;

    public static GatedJournal Open(IEventJournal journal)
    {
        var gated = new GatedJournal(journal);
        gated._gate.SetResult();
        return gated;
    }

    /// <summary>Ends when a write has arrived.</summary>
    public async Task Arrived() => Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(30)));

    /// <summary>Lets the writes through that have arrived, and all later ones.</summary>
    public void OpenGate() => _gate.TrySetResult();

    public async Task<IReadOnlyList<Exception?>> WriteAsync(WriteRequest request)
    {
        _arrived.Release();
        await _gate.Task;
        return WriteFailure is null ? await journal.WriteAsync(request) : throw WriteFailure;
    }

    public Task<long> ReadHighestSequenceNrAsync(string persistenceId, CancellationToken cancellation) =>
        journal.ReadHighestSequenceNrAsync(persistenceId, cancellation);

    public async IAsyncEnumerable<IReadOnlyList<RecordedEvent>> ReplayAsync(
        string persistenceId, long from, long to, long max, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (ReplayFailure is not null)
        {
            throw ReplayFailure;
        }
        if (ReplayHangs)
        {
            await new TaskCompletionSource().Task;
        }
        lock (_arrived)
        {
            MostReplaysAtOnce = Math.Max(MostReplaysAtOnce, ++_replays);
        }
        await foreach (var page in journal.ReplayAsync(persistenceId, from, to, max, cancellation))
        {
            yield return page;
        }
        lock (_arrived)
        {
            _replays--;
        }
    }

    public Task DeleteToAsync(string persistenceId, long toSequenceNr) => journal.DeleteToAsync(persistenceId, toSequenceNr);
}
