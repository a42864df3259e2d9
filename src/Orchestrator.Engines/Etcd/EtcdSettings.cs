using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Etcd;

/// <summary>Reads what is said about one etcd cluster; what it does not say comes from <c>orchestrator.engines.etcd</c>.</summary>
internal static class EtcdSettings
{
    private const int MaxKeyLength = 1024;

    private static readonly EngineUrls Urls = new("https://etcd-1:2379") { Noun = "client URL", UserRemark = "belong in auth" };

    /// <summary>The defaults of all etcd clusters.</summary>
    public static EtcdClusterOptions ReadDefaults(IEngineSettings engine) => ReadLimits(engine, engine, new EtcdClusterOptions { Name = "", Endpoints = [] });

    /// <param name="defaults">The section of the engine's defaults.</param>
    public static EtcdClusterOptions ReadCluster(IEngineSettings cluster, IEngineSettings defaults, string name)
    {
        var auth = cluster.Section("auth");
        var user = EngineUser.Read(auth);
        var options = new EtcdClusterOptions
        {
            Name = name,
            Endpoints = Urls.ReadEndpoints(cluster),
            Tls = TlsFiles.Read(cluster.Section("tls"), hasServerName: true),
            User = user.Name,
            Password = user.Password,
            Settle = cluster.Settle(),
        };
        user.Check(auth, "ETCD_PASSWORD");
        return ReadLimits(cluster, defaults, options);
    }

    private static EtcdClusterOptions ReadLimits(IEngineSettings cluster, IEngineSettings defaults, EtcdClusterOptions options)
    {
        return options with
        {
            RequestTimeout = For("request-timeout").Duration("request-timeout", "100ms", "1m"),
            DefragmentTimeout = For("defragment-timeout").Duration("defragment-timeout", "1s", "1d"),
            HistoryTimeout = For("history-timeout").Duration("history-timeout", "1s", "1d"),
            TransferTimeout = For("transfer-timeout").Duration("transfer-timeout", "1s", "1h"),
            DiscoverInterval = For("discover-interval").Duration("discover-interval", "100ms", "1h"),
            LockKey = ReadLockKey(For("lock-key")),
            LockTimeToLive = For("lock-ttl").Duration("lock-ttl", "5s", "1h"),
            QuotaBytes = For("quota").Size("quota", "0", "1024GiB"),
            MinQuotaUse = For("min-quota-use").Share("min-quota-use", 1),
        };

        IEngineSettings For(string key) => cluster.Has(key) ? cluster : defaults;
    }

    private static string ReadLockKey(IEngineSettings section)
    {
        var key = section.RequiredText("lock-key");
        return key.Length <= MaxKeyLength ? key : section.Fail("lock-key", $"expected a key of at most {MaxKeyLength} characters, found {key.Length}", key);
    }
}
