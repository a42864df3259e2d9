namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>The time in which nobody reads or writes the files, because a compaction of the mode exclusive has closed them.</summary>
/// <param name="goOn">Takes up what came meanwhile: the duty, the settings, the source.</param>
internal sealed class OfflineTime(CollectionAccess access, ClientWrites writes, FeedReads readers, FeedFollower follower, Action goOn)
{
    /// <summary>Replication waits, and catches up afterwards.</summary>
    public void Begin()
    {
        access.IsOffline = true;
        follower.Stop();
        writes.RefuseQueued(access.OfflineRefusal());
        readers.RefuseAll(access.OfflineRefusal());
    }

    public void End()
    {
        if (access.IsOffline)
        {
            access.IsOffline = false;
            goOn();
        }
    }
}
