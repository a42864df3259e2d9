using System.Collections.Concurrent;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.MongoDb;

/// <summary>
/// The free space that compactions of one member have left in its collections. WiredTiger frees only what lies behind the last block in use, so
/// what one compaction has left, the next one leaves too. Kept while the process lives. Safe for use from several threads.
/// </summary>
internal sealed class MongoDbLeftovers
{
    private readonly ConcurrentDictionary<StorageUnit, MongoDbSizes> _left = new();

    /// <param name="after">The collection's sizes after its compaction; null if it is gone.</param>
    public void Note(StorageUnit unit, MongoDbSizes? after)
    {
        if (after is null)
        {
            _left.TryRemove(unit, out _);
        }
        else
        {
            _left[unit] = after;
        }
    }

    /// <summary>How much of the free space a compaction would leave again.</summary>
    public long Of(StorageUnit unit, MongoDbSizes now)
    {
        if (!_left.TryGetValue(unit, out var left))
        {
            return 0;
        }

        if (now.Bytes >= left.Bytes)
        {
            return left.Free;
        }

        // The files are others than those that were compacted.
        _left.TryRemove(unit, out _);
        return 0;
    }
}
