using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Milvus;

/// <summary>Reads what is said about one Milvus cluster; what it does not say comes from <c>orchestrator.engines.milvus</c>.</summary>
internal static class MilvusSettings
{
    /// <summary>The defaults of all Milvus clusters.</summary>
    public static MilvusClusterOptions ReadDefaults(IEngineSettings engine) => ReadLimits(engine, engine, new MilvusClusterOptions { Name = "", Endpoints = [] });

    /// <param name="defaults">The section of the engine's defaults.</param>
    public static MilvusClusterOptions ReadCluster(IEngineSettings cluster, IEngineSettings defaults, string name) => ReadLimits(cluster, defaults, new MilvusClusterOptions
    {
        Name = name,
        Endpoints = new EngineUrls("http://milvus:19530").ReadEndpoints(cluster),
        Tls = TlsFiles.Read(cluster.Section("tls"), hasServerName: true),
        Token = ReadToken(cluster.Section("auth")),
        Database = cluster.Has("database") ? cluster.RequiredText("database") : "",
        Management = cluster.Has("management") ? ReadManagement(cluster) : null,
        Retention = cluster.Has("retention") ? cluster.Duration("retention", "0s", "3650d") : null,
        Settle = cluster.Settle(),
    });

    private static MilvusClusterOptions ReadLimits(IEngineSettings cluster, IEngineSettings defaults, MilvusClusterOptions options)
    {
        return options with
        {
            RequestTimeout = For("request-timeout").Duration("request-timeout", "100ms", "5m"),
            FlushTimeout = For("flush-timeout").Duration("flush-timeout", "1s", "1h"),
            PollInterval = For("poll-interval").Duration("poll-interval", "50ms", "10m"),
            DiscoverInterval = For("discover-interval").Duration("discover-interval", "100ms", "1h"),
            ParallelCompactions = For("parallel-compactions").WholeNumber("parallel-compactions", 1, 64),
            ScheduleRetries = For("schedule-retries").WholeNumber("schedule-retries", 0, 100),
            ScheduleRetryPause = For("schedule-retry-pause").Duration("schedule-retry-pause", "50ms", "1h"),
            SegmentMaxBytes = For("segment-max-size").Size("segment-max-size", "1MiB", "1024GiB"),
        };

        IEngineSettings For(string key) => cluster.Has(key) ? cluster : defaults;
    }

    private static string ReadToken(IEngineSettings auth)
    {
        var user = EngineUser.Read(auth);
        var token = auth.Secret("token");
        if (token.Length > 0 && user.Name.Length > 0)
        {
            return auth.Fail("token", "expected user and password or a token, found both", "");
        }

        user.Check(auth, "MILVUS_PASSWORD");
        return user.Name.Length > 0 ? $"{user.Name}:{user.Password}" : token;
    }

    private static Uri? ReadManagement(IEngineSettings cluster)
    {
        var text = cluster.RequiredText("management");
        return new EngineUrls("http://milvus:9091").Check(text) is { } problem ? cluster.Fail<Uri?>("management", problem, null) : new Uri(text);
    }
}
