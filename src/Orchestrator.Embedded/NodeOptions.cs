using Orchestrator.Storage;

namespace Orchestrator.Embedded;

/// <summary>What a database node process is told at its start.</summary>
public sealed record NodeOptions
{
    /// <summary>Name of the cluster that the node belongs to.</summary>
    public required string Cluster { get; init; }

    /// <summary>Name of its replica set.</summary>
    public required string ReplicaSet { get; init; }

    /// <summary>Its own name, unique in the cluster.</summary>
    public required string Node { get; init; }

    /// <summary>Base URL at which the other members reach its HTTP server, without a trailing slash.</summary>
    public required string Address { get; init; }

    /// <summary>Directory of its files; created when missing. No two processes may share one.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Seed of the jitter in back-off times.</summary>
    public int Seed { get; init; }

    /// <summary>Writes that may wait for a commit, in one collection; more are answered <see cref="Nodes.DataUnavailable"/>. At least 1.</summary>
    public int MaxQueuedWrites { get; init; } = 4096;

    /// <summary>Documents that one commit takes at most; a single bulk may exceed it. At least 1.</summary>
    public int MaxWritesPerCommit { get; init; } = 1000;

    /// <summary>Writes that may wait for a majority, in one collection. At least 1.</summary>
    public int MaxUnconfirmedWrites { get; init; } = 16384;

    /// <summary>Reads at work and waiting readers of the change feed, each, in one collection. At least 1.</summary>
    public int MaxReaders { get; init; } = 256;

    /// <summary>Collections beyond which none is created. Each holds about ten open files and 1 MB of memory on every member. At least 1.</summary>
    public int MaxCollections { get; init; } = 1000;

    /// <summary>Indexes of one collection beyond which none is defined. At least 1.</summary>
    public int MaxIndexes { get; init; } = 64;

    /// <summary>How long a write with <c>w=majority</c> waits before it is answered <see cref="Nodes.WriteNotConfirmed"/>.</summary>
    public TimeSpan ConfirmationTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the definition of an index waits for it to be built before it is answered <see cref="Nodes.IndexBuilding"/>.</summary>
    public TimeSpan IndexBuildWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest time that a reader of the change feed may ask to wait.</summary>
    public TimeSpan LongestFeedWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A primary that had no contact with a majority for this time takes no writes until it has contact again.
    /// Must be more than twice <see cref="ReplicationOptions.PollWait"/>.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the node waits for its own collections when a command needs an answer of all of them.</summary>
    public TimeSpan CollectionTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often the node looks at its own state and disk.</summary>
    public TimeSpan SelfCheckInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a compaction keeps the tombstones of deleted documents that every member has; 0 drops them at once.</summary>
    public TimeSpan TombstoneRetention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Finished compactions that are remembered on disk, so that their results survive a restart; at least 1.</summary>
    public int FinishedCompactionsKept { get; init; } = 16;

    /// <summary>How collections are stored.</summary>
    public StorageOptions Storage { get; init; } = StorageOptions.Default;

    /// <summary>How members pull the change feed.</summary>
    public ReplicationOptions Replication { get; init; } = new();
}

/// <summary>How a secondary pulls the change feed of its primary.</summary>
public sealed record ReplicationOptions
{
    /// <summary>Changes in one pull at most; at least 1.</summary>
    public int BatchChanges { get; init; } = 1000;

    /// <summary>How long a pull waits at the primary for a first change.</summary>
    public TimeSpan PollWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a pull may take beyond <see cref="PollWait"/> before it counts as failed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>First pause after a failed pull; doubles with each further failure.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause after failed pulls.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(3);
}
