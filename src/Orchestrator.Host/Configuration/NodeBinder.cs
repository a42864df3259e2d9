using Orchestrator.Core;

namespace Orchestrator.Host.Configuration;

/// <summary>Reads the settings of a database node.</summary>
internal static class NodeBinder
{
    public static NodeSettings ReadNode(SettingsReader node, ProcessRoles roles)
    {
        var settings = new NodeSettings
        {
            Name = roles.Node ? node.RequiredText("name") : node.Text("name"),
            Cluster = roles.Node ? node.RequiredText("cluster") : node.Text("cluster"),
            ReplicaSet = roles.Node ? node.RequiredText("replica-set") : node.Text("replica-set"),
            DataDirectory = node.FilePath("data-directory"),
            GroupCommitMaxWrites = node.WholeNumber("group-commit-max-writes", 1, 100_000),
            MaxQueuedWrites = node.WholeNumber("max-queued-writes", 1, 1_000_000),
            MaxUnconfirmedWrites = node.WholeNumber("max-unconfirmed-writes", 1, 1_000_000),
            MaxReaders = node.WholeNumber("max-readers", 1, 10_000),
            WriteTimeout = node.Duration("write-timeout", "100ms", "10m"),
            IndexBuildWait = node.Duration("index-build-wait", "0s", "25s"),
            LongPollWait = node.Duration("long-poll-wait", "0s", "10m"),
            PrimaryLease = node.Duration("primary-lease", "1s", "10m"),
            CollectionTimeout = node.Duration("collection-timeout", "1s", "10m"),
            SelfCheckInterval = node.Duration("self-check-interval", "50ms", "1m"),
            TombstoneRetention = node.Duration("tombstone-retention", "0s", "3650d"),
            FinishedCompactionsKept = node.WholeNumber("finished-compactions-kept", 1, 1_000),
            Replication = ReadReplication(node.Section("replication")),
            Storage = ReadStorage(node.Section("storage")),
        };
        Check(node, settings, roles);
        return settings;
    }

    private static void Check(SettingsReader node, NodeSettings settings, ProcessRoles roles)
    {
        if (PlainName.Check(settings.Name) is { } problem && settings.Name.Length > 0)
        {
            node.Fail("name", problem, 0);
        }

        if (settings.DataDirectory.Length == 0 && roles.Node)
        {
            node.Fail("data-directory", "expected a directory, since roles has node", 0);
        }

        // Settings that could not be read are zero here and have their own errors.
        if (settings.PrimaryLease > TimeSpan.Zero && settings.PrimaryLease <= 2 * settings.Replication.PollWait)
        {
            node.Fail(
                "primary-lease",
                $"expected more than twice replication.poll-wait ({Units.Format(settings.Replication.PollWait)}), found {Units.Format(settings.PrimaryLease)}",
                0);
        }
    }

    private static ReplicationSettings ReadReplication(SettingsReader replication)
    {
        var settings = new ReplicationSettings
        {
            BatchChanges = replication.WholeNumber("batch-changes", 1, 10_000),
            PollWait = replication.Duration("poll-wait", "100ms", "1m"),
            Timeout = replication.Duration("timeout", "100ms", "10m"),
            MinBackoff = replication.Duration("min-backoff", "1ms", "10m"),
            MaxBackoff = replication.Duration("max-backoff", "1ms", "10m"),
        };
        if (settings.MaxBackoff > TimeSpan.Zero && settings.MaxBackoff < settings.MinBackoff)
        {
            replication.Fail("max-backoff", $"expected at least min-backoff ({Units.Format(settings.MinBackoff)}), found {Units.Format(settings.MaxBackoff)}", 0);
        }

        return settings;
    }

    private static StorageSettings ReadStorage(SettingsReader storage)
    {
        var pageSize = (int)storage.Size("page-size", "4KiB", "64KiB");
        if (!int.IsPow2(pageSize) && pageSize != 0)
        {
            storage.Fail("page-size", $"expected a power of two, found {pageSize}", 0);
        }

        return new StorageSettings
        {
            PageSize = pageSize,
            CacheSize = storage.Size("cache-size", "64KiB", "4GiB"),
            MemoryMapSize = storage.Size("memory-map-size", "0", "64GiB"),
            ReaderConnections = storage.WholeNumber("reader-connections", 1, 64),
            WriteAheadLogSize = storage.Size("write-ahead-log-size", "64KiB", "4GiB"),
            CopyBatchSize = storage.Size("copy-batch-size", "64KiB", "1GiB"),
            FinalCatchUpChanges = storage.WholeNumber("final-catch-up-changes", 1, 100_000),
            FreeSpaceReserve = storage.Size("free-space-reserve", "0", "1EiB"),
            AssumedCopyRate = storage.Size("assumed-copy-rate", "1KiB", "1TiB"),
            ReaderDrainTimeout = storage.Duration("reader-drain-timeout", "10ms", "10m"),
            ParallelIndexes = storage.WholeNumber("parallel-indexes", 1, 16),
        };
    }
}
