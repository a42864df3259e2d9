using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Etcd;

/// <summary>Reads what is said about one etcd cluster; what it does not say comes from <c>orchestrator.engines.etcd</c>.</summary>
internal static class EtcdSettings
{
    private const int MaxEndpoints = 99;
    private const int MaxKeyLength = 1024;

    /// <summary>The defaults of all etcd clusters.</summary>
    public static EtcdClusterOptions ReadDefaults(IEngineSettings engine) => ReadLimits(engine, engine, new EtcdClusterOptions { Name = "", Endpoints = [] });

    /// <param name="defaults">The section of the engine's defaults.</param>
    public static EtcdClusterOptions ReadCluster(IEngineSettings cluster, IEngineSettings defaults, string name)
    {
        var auth = cluster.Section("auth");
        var options = new EtcdClusterOptions
        {
            Name = name,
            Endpoints = ReadEndpoints(cluster),
            Tls = ReadTls(cluster),
            User = auth.Has("user") ? auth.RequiredText("user") : "",
            Password = auth.Secret("password"),
            Settle = cluster.Has("settle") ? cluster.Duration("settle", "0s", "1h") : null,
        };
        if (options.User.Length == 0 && options.Password.Length > 0)
        {
            auth.Fail("user", "expected the user to whom the password belongs, found none", 0);
        }
        else if (options.User.Length > 0 && options.Password.Length == 0)
        {
            auth.Fail("password", $"expected the password of user {options.User}, found none; best given as ${{?ETCD_PASSWORD}}", 0);
        }

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

    private static IReadOnlyList<Uri> ReadEndpoints(IEngineSettings cluster)
    {
        var texts = cluster.TextList("endpoints", CheckEndpoint);
        if (cluster.Has("endpoints") && texts.Count == 0 && !cluster.HasErrorAt("endpoints"))
        {
            cluster.Fail("endpoints", "expected at least one client URL, found none", 0);
        }
        else if (texts.Count > MaxEndpoints)
        {
            cluster.Fail("endpoints", $"expected at most {MaxEndpoints} client URLs, found {texts.Count}", 0);
        }

        var urls = texts.Where(text => CheckEndpoint(text) is null).Select(text => new Uri(text)).ToList();
        if (urls.Select(url => url.Scheme).Distinct().Count() > 1)
        {
            cluster.Fail("endpoints", "expected all client URLs with https or all with http, found both", 0);
        }

        return urls;
    }

    private static string? CheckEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.PathAndQuery == "/" && url.UserInfo.Length == 0
            ? null
            : $"expected a client URL such as https://etcd-1:2379, found \"{(url?.UserInfo.Length > 0 ? "a URL with user and password, which belong in auth" : text)}\"";

    private static EtcdTlsOptions ReadTls(IEngineSettings cluster)
    {
        var tls = cluster.Section("tls");
        var options = new EtcdTlsOptions(
            ReadFile(tls, "ca"),
            ReadFile(tls, "certificate"),
            ReadFile(tls, "key"),
            tls.Has("server-name") ? tls.RequiredText("server-name") : "");
        if (tls.Has("certificate") != tls.Has("key"))
        {
            tls.Fail(
                tls.Has("certificate") ? "key" : "certificate",
                "expected a file, since a client certificate needs both certificate and key; found none", 0);
        }
        else if (EtcdCluster.CheckTls(options) is { } problem)
        {
            tls.Fail(options.CertificateFile.Length > 0 ? "certificate" : "ca", $"expected PEM files, but {problem}", 0);
        }

        return options;
    }

    /// <summary>A file that is there; empty where none is named, or it is not.</summary>
    private static string ReadFile(IEngineSettings tls, string key)
    {
        var path = tls.Has(key) ? tls.FilePath(key) : "";
        return path.Length == 0 || File.Exists(path) ? path : tls.Fail(key, $"expected a file, but {path} is not there", "");
    }
}
