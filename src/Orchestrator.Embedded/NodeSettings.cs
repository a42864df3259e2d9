using Orchestrator.Core;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Windows;
using Orchestrator.Storage;

namespace Orchestrator.Embedded;

/// <summary>Reads the settings of the node that a process hosts; hocon/reference.conf says what each means.</summary>
public static class NodeSettings
{
    /// <param name="node">The section.</param>
    /// <param name="isHosted">Whether the process has a node; else names and directory may be missing.</param>
    /// <returns>Options without the address, which is known when the process listens.</returns>
    public static NodeOptions Read(IEngineSettings node, bool isHosted)
    {
        var options = new NodeOptions
        {
            Address = "",
            Node = node.Text("name"),
            Cluster = isHosted ? node.RequiredText("cluster") : node.Text("cluster"),
            ReplicaSet = isHosted ? node.RequiredText("replica-set") : node.Text("replica-set"),
            DataDirectory = node.FilePath("data-directory"),
            MaxWritesPerCommit = node.WholeNumber("group-commit-max-writes", 1, 100_000),
            MaxQueuedWrites = node.WholeNumber("max-queued-writes", 1, 1_000_000),
            MaxUnconfirmedWrites = node.WholeNumber("max-unconfirmed-writes", 1, 1_000_000),
            MaxReaders = node.WholeNumber("max-readers", 1, 10_000),
            MaxCollections = node.WholeNumber("max-collections", 1, 100_000),
            MaxIndexes = node.WholeNumber("max-indexes", 1, 1_000),
            ConfirmationTimeout = node.Duration("write-timeout", "100ms", "10m"),
            IndexBuildWait = node.Duration("index-build-wait", "0s", "25s"),
            LongestFeedWait = node.Duration("long-poll-wait", "0s", "10m"),
            Lease = node.Duration("primary-lease", "1s", "10m"),
            CollectionTimeout = node.Duration("collection-timeout", "1s", "10m"),
            SelfCheckInterval = node.Duration("self-check-interval", "50ms", "1m"),
            TombstoneRetention = node.Duration("tombstone-retention", "0s", "3650d"),
            FinishedCompactionsKept = node.WholeNumber("finished-compactions-kept", 1, 1_000),
            Replication = ReadReplication(node.Section("replication")),
            Storage = ReadStorage(node.Section("storage")),
        };
        Check(node, options, isHosted);
        return options;
    }

    private static void Check(IEngineSettings node, NodeOptions options, bool isHosted)
    {
        if (options.Node.Length == 0 && isHosted && !node.HasErrorAt("name"))
        {
            node.Fail("name", "expected this node's name, since roles has node; a process without a database has roles = [supervisor]", 0);
        }

        if (options.Node.Length > 0 && PlainName.Check(options.Node) is { } problem)
        {
            node.Fail("name", problem, 0);
        }

        if (options.DataDirectory.Length == 0 && isHosted)
        {
            node.Fail("data-directory", "expected a directory, since roles has node", 0);
        }

        // Settings that could not be read are zero here and have their own errors.
        if (options.Lease > TimeSpan.Zero && options.Lease <= 2 * options.Replication.PollWait)
        {
            node.Fail(
                "primary-lease",
                $"expected more than twice replication.poll-wait ({DurationText.Exact(options.Replication.PollWait)}), found {DurationText.Exact(options.Lease)}",
                0);
        }
    }

    private static ReplicationOptions ReadReplication(IEngineSettings replication)
    {
        var options = new ReplicationOptions
        {
            BatchChanges = replication.WholeNumber("batch-changes", 1, 10_000),
            PollWait = replication.Duration("poll-wait", "100ms", "1m"),
            Timeout = replication.Duration("timeout", "100ms", "10m"),
            MinBackoff = replication.Duration("min-backoff", "1ms", "10m"),
            MaxBackoff = replication.Duration("max-backoff", "1ms", "10m"),
        };
        if (options.MaxBackoff > TimeSpan.Zero && options.MaxBackoff < options.MinBackoff)
        {
            replication.Fail(
                "max-backoff", $"expected at least min-backoff ({DurationText.Exact(options.MinBackoff)}), found {DurationText.Exact(options.MaxBackoff)}", 0);
        }

        return options;
    }

    private static StorageOptions ReadStorage(IEngineSettings storage)
    {
        var pageSize = (int)storage.Size("page-size", "4KiB", "64KiB");
        if (!int.IsPow2(pageSize) && pageSize != 0)
        {
            storage.Fail("page-size", $"expected a power of two, found {pageSize}", 0);
        }

        return new StorageOptions
        {
            PageSize = pageSize,
            CacheBytes = storage.Size("cache-size", "64KiB", "4GiB"),
            MemoryMapBytes = storage.Size("memory-map-size", "0", "64GiB"),
            ReaderConnections = storage.WholeNumber("reader-connections", 1, 64),
            WriteAheadLogBytes = storage.Size("write-ahead-log-size", "64KiB", "4GiB"),
            CopyBatchBytes = storage.Size("copy-batch-size", "64KiB", "1GiB"),
            FinalCatchUpChanges = storage.WholeNumber("final-catch-up-changes", 1, 100_000),
            MinimumFreeDiskBytes = storage.Size("free-space-reserve", "0", "1EiB"),
            AssumedBytesPerSecond = storage.Size("assumed-copy-rate", "1KiB", "1TiB"),
            ReaderDrainTimeout = storage.Duration("reader-drain-timeout", "10ms", "10m"),
            ParallelIndexes = storage.WholeNumber("parallel-indexes", 1, 16),
        };
    }
}
