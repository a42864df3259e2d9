using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.RavenDb;

/// <summary>Reads what is said about one RavenDB cluster; what it does not say comes from <c>orchestrator.engines.ravendb</c>.</summary>
internal static class RavenDbSettings
{
    private static readonly EngineUrls Urls = new("https://a.example.com");

    /// <summary>The defaults of all RavenDB clusters.</summary>
    public static RavenDbClusterOptions ReadDefaults(IEngineSettings engine) => ReadLimits(engine, engine, new RavenDbClusterOptions { Name = "", Endpoints = [] });

    /// <param name="defaults">The section of the engine's defaults.</param>
    public static RavenDbClusterOptions ReadCluster(IEngineSettings cluster, IEngineSettings defaults, string name) => ReadLimits(cluster, defaults, new RavenDbClusterOptions
    {
        Name = name,
        Endpoints = Urls.ReadEndpoints(cluster),
        Addresses = ReadAddresses(cluster.Section("addresses")),
        Tls = ReadTls(cluster.Section("tls")),
        Settle = cluster.Settle(),
    });

    private static RavenDbClusterOptions ReadLimits(IEngineSettings cluster, IEngineSettings defaults, RavenDbClusterOptions options)
    {
        return options with
        {
            RequestTimeout = For("request-timeout").Duration("request-timeout", "100ms", "5m"),
            TransferTimeout = For("transfer-timeout").Duration("transfer-timeout", "1s", "1h"),
            LoadTimeout = For("load-timeout").Duration("load-timeout", "1s", "1d"),
            PollInterval = For("poll-interval").Duration("poll-interval", "50ms", "1m"),
            DiscoverInterval = For("discover-interval").Duration("discover-interval", "100ms", "1h"),
            LoadsIdleDatabases = For("load-idle-databases").Switch("load-idle-databases"),
        };

        IEngineSettings For(string key) => cluster.Has(key) ? cluster : defaults;
    }

    private static IReadOnlyDictionary<string, Uri> ReadAddresses(IEngineSettings addresses)
    {
        var read = new Dictionary<string, Uri>(StringComparer.Ordinal);
        foreach (var tag in addresses.Keys())
        {
            var text = addresses.RequiredText(tag);
            if (text.Length > 0 && Urls.Check(text) is { } problem)
            {
                addresses.Fail(tag, problem, 0);
            }
            else if (text.Length > 0)
            {
                read[tag] = new Uri(text);
            }
        }

        return read;
    }

    private static TlsFiles ReadTls(IEngineSettings tls)
    {
        var files = TlsFiles.Read(tls, password: tls.Secret("password"));
        return files.Password.Length == 0 || files.IsPfx ? files : tls.Fail("password", "expected it only beside a PFX file as certificate", files);
    }
}
