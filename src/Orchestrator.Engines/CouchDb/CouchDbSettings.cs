using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>Reads what is said about one CouchDB cluster; what it does not say comes from <c>orchestrator.engines.couchdb</c>.</summary>
internal static class CouchDbSettings
{
    private static readonly EngineUrls Urls = new("http://couch-1:5984") { UserRemark = "belong in auth", HavePaths = true, MixSchemes = true };

    private static readonly EngineUrls NodeUrls = new("http://couch-1:5986") { UserRemark = "belong in auth", HavePaths = true };

    /// <summary>The defaults of all CouchDB clusters.</summary>
    public static CouchDbClusterOptions ReadDefaults(IEngineSettings engine) =>
        ReadLimits(engine, engine, new CouchDbClusterOptions { Name = "", Endpoints = [] });

    /// <param name="defaults">The section of the engine's defaults.</param>
    public static CouchDbClusterOptions ReadCluster(IEngineSettings cluster, IEngineSettings defaults, string name)
    {
        var auth = cluster.Section("auth");
        var user = EngineUser.Read(auth);
        var options = new CouchDbClusterOptions
        {
            Name = name,
            Endpoints = Urls.ReadEndpoints(cluster),
            Tls = TlsFiles.Read(cluster.Section("tls"), hasServerName: true),
            User = user.Name,
            Password = user.Password,
            UsesSessions = ReadUsesSessions(auth),
            FreeBytes = ReadFreeSpace(cluster.Section("free-space")),
            NodeExporters = ReadExporters(cluster.Section("node-exporters")),
            NodeAddresses = ReadNodeAddresses(cluster.Section("node-addresses")),
            Settle = cluster.Settle(),
        };
        user.Check(auth, "COUCHDB_PASSWORD");
        options = ReadLimits(cluster, defaults, options);
        return options.HoldsSmoosh && options.ClaimDatabase.Length == 0
            ? cluster.Fail("hold-smoosh", "expected off without a claim-database, where the settings to put back are kept; found on", options)
            : options;
    }

    private static CouchDbClusterOptions ReadLimits(IEngineSettings cluster, IEngineSettings defaults, CouchDbClusterOptions options)
    {
        return options with
        {
            RequestTimeout = For("request-timeout").Duration("request-timeout", "100ms", "5m"),
            DiscoverInterval = For("discover-interval").Duration("discover-interval", "100ms", "1d"),
            PollInterval = For("poll-interval").Duration("poll-interval", "10ms", "1m"),
            MinFileBytes = For("min-file-size").Size("min-file-size", "0", "1024GiB"),
            NodePort = For("node-port").WholeNumber("node-port", 1, 65535),
            DataMount = For("data-mount").RequiredText("data-mount"),
            HoldsSmoosh = For("hold-smoosh").Switch("hold-smoosh"),
            ClaimDatabase = ReadClaimDatabase(For("claim-database")),
            ClaimTimeToLive = For("claim-ttl").Duration("claim-ttl", "5s", "1h"),
        };

        IEngineSettings For(string key) => cluster.Has(key) ? cluster : defaults;
    }

    private static bool ReadUsesSessions(IEngineSettings auth) => (auth.Has("method") ? auth.Text("method") : "basic") switch
    {
        "basic" => false,
        "cookie" => true,
        var other => auth.Fail("method", $"expected basic or cookie, found \"{other}\"", false),
    };

    private static IReadOnlyDictionary<string, long> ReadFreeSpace(IEngineSettings nodes) =>
        nodes.Keys().ToDictionary(node => node, node => nodes.Size(node, "0", "1048576GiB"), StringComparer.Ordinal);

    private static IReadOnlyDictionary<string, Uri> ReadNodeAddresses(IEngineSettings nodes)
    {
        var read = new Dictionary<string, Uri>(StringComparer.Ordinal);
        foreach (var (node, text) in nodes.Keys().Select(node => (node, nodes.RequiredText(node))).Where(pair => pair.Item2.Length > 0))
        {
            read[node] = NodeUrls.Check(text) is { } problem
                ? nodes.Fail(node, problem, new Uri("http://localhost/"))
                : new Uri(text.EndsWith('/') ? text : $"{text}/");
        }

        return read;
    }

    private static IReadOnlyDictionary<string, Uri> ReadExporters(IEngineSettings nodes)
    {
        var read = new Dictionary<string, Uri>(StringComparer.Ordinal);
        foreach (var node in nodes.Keys())
        {
            var text = nodes.RequiredText(node);
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            {
                read[node] = url;
            }
            else if (text.Length > 0)
            {
                nodes.Fail(node, $"expected a URL such as http://couch-1:9100/metrics, found \"{text}\"", 0);
            }
        }

        return read;
    }

    private static string ReadClaimDatabase(IEngineSettings section)
    {
        var name = section.Text("claim-database");
        return name.Length == 0 || (char.IsAsciiLetterLower(name[0]) && name.All(IsAllowed))
            ? name
            : section.Fail(
                "claim-database",
                $"expected a name of lower-case letters, digits and _ $ ( ) + - / that begins with a letter, or nothing for no claim, found \"{name}\"",
                "");

        static bool IsAllowed(char letter) => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || "_$()+-/".Contains(letter);
    }
}
