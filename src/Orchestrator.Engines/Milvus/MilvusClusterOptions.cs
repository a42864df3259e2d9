using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Milvus;

/// <summary>How one Milvus cluster is reached and treated.</summary>
public sealed record MilvusClusterOptions : IEngineOptions
{
    /// <summary>Name of the cluster for the orchestrator.</summary>
    public required string Name { get; init; }

    /// <summary>URLs of its proxies or of what stands before them, all http or all https; the first that answers is used.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    public TlsFiles Tls { get; init; } = TlsFiles.None;

    /// <summary>An API key, or <c>user:password</c>; empty for none. Never to be logged.</summary>
    public string Token { get; init; } = "";

    /// <summary>The database whose collections are compacted; empty for all.</summary>
    public string Database { get; init; } = "";

    /// <summary>
    /// URL of the management port (9091). With it compactions are ordered and asked for there: Milvus 2.4 has them there only, and failed plans are told. Null
    /// for REST v2.
    /// </summary>
    public Uri? Management { get; init; }

    /// <summary>Milvus's <c>common.retentionDuration</c>, where the operator tells it; what Milvus itself tells goes before.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Milvus's <c>dataCoord.segment.maxSize</c>, where Milvus does not tell it.</summary>
    public long SegmentMaxBytes { get; init; } = 1L << 30;

    /// <summary>How long a call may take that does no work.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a flush may take, where a request wants one.</summary>
    public TimeSpan FlushTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a running compaction is asked for.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the cluster is looked for.</summary>
    public TimeSpan DiscoverInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many collections are compacted at the same time.</summary>
    public int ParallelCompactions { get; init; } = 2;

    /// <summary>How often a compaction is ordered again that Milvus did not schedule.</summary>
    public int ScheduleRetries { get; init; } = 3;

    /// <summary>Pause before it is ordered again.</summary>
    public TimeSpan ScheduleRetryPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause between two steps; null for that of all clusters.</summary>
    public TimeSpan? Settle { get; init; }

    /// <inheritdoc/>
    public IEngineCluster Create(EngineContext context) => new MilvusCluster(this, context.Time);

    /// <inheritdoc/>
    public override string ToString() => $"Milvus cluster {Name}";
}
