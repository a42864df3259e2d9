using System.Runtime.CompilerServices;

namespace Akka.Persistence.Storage.InMemory;

/// <summary>
/// The journal <c>akka.persistence.journal.inmem</c>: keeps the event objects of one actor system in memory, for tests and
/// for processes without durable state. Events survive the restart of an actor, not the end of the process.
/// </summary>
internal sealed class InMemoryEventJournal : IEventJournal
{
    private const int PageSize = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Stream> _streams = [];

    public Task<IReadOnlyList<Exception?>> WriteAsync(WriteRequest request)
    {
        lock (_lock)
        {
            if (!_streams.TryGetValue(request.PersistenceId, out var stream))
            {
                _streams.Add(request.PersistenceId, stream = new Stream());
            }
            var first = request.Batches[0].Events[0].SequenceNr;
            if (first <= stream.Highest)
            {
                return Task.FromException<IReadOnlyList<Exception?>>(new ConflictingWriterException(request.PersistenceId, first));
            }
            foreach (var batch in request.Batches)
            {
                foreach (var item in batch.Events)
                {
                    stream.Events.Add(new RecordedEvent(item.SequenceNr, item.Payload));
                    stream.Highest = item.SequenceNr;
                }
            }
        }
        return Task.FromResult<IReadOnlyList<Exception?>>(new Exception?[request.Batches.Count]);
    }

    public Task<long> ReadHighestSequenceNrAsync(string persistenceId, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult(_streams.TryGetValue(persistenceId, out var stream) ? stream.Highest : 0);
        }
    }

    public async IAsyncEnumerable<IReadOnlyList<RecordedEvent>> ReplayAsync(
        string persistenceId, long from, long to, long max, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var next = from;
        var left = max;
        while (left > 0 && next <= to)
        {
            cancellation.ThrowIfCancellationRequested();
            var page = ReadPage(persistenceId, next, to, (int)Math.Min(PageSize, left));
            if (page.Count == 0)
            {
                yield break;
            }
            yield return page;
            left -= page.Count;
            next = page[^1].SequenceNr + 1;
        }
        await Task.CompletedTask;
    }

    public Task DeleteToAsync(string persistenceId, long toSequenceNr)
    {
        lock (_lock)
        {
            if (_streams.TryGetValue(persistenceId, out var stream))
            {
                stream.Events.RemoveRange(0, stream.IndexOf(toSequenceNr == long.MaxValue ? toSequenceNr : toSequenceNr + 1));
            }
        }
        return Task.CompletedTask;
    }

    private List<RecordedEvent> ReadPage(string persistenceId, long from, long to, int limit)
    {
        lock (_lock)
        {
            var page = new List<RecordedEvent>();
            if (!_streams.TryGetValue(persistenceId, out var stream))
            {
                return page;
            }
            for (var i = stream.IndexOf(from); i < stream.Events.Count && page.Count < limit && stream.Events[i].SequenceNr <= to; i++)
            {
                page.Add(stream.Events[i]);
            }
            return page;
        }
    }

    private sealed class Stream
    {
        public List<RecordedEvent> Events { get; } = [];

        public long Highest { get; set; }

        /// <summary>Index of the first event at or above the sequence number; the list is ascending, so by bisection.</summary>
        public int IndexOf(long sequenceNr)
        {
            var (low, high) = (0, Events.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (Events[middle].SequenceNr < sequenceNr)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }
            return low;
        }
    }
}
