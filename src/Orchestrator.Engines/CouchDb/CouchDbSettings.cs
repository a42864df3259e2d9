using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>Reads what is said about one CouchDB cluster; what it does not say comes from <c>orchestrator.engines.couchdb</c>.</summary>
internal static class CouchDbSettings
{
    private const int MaxEndpoints = 99;

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
            Endpoints = ReadEndpoints(cluster),
            Tls = ReadTls(cluster),
            User = user.Name,
            Password = user.Password,
            FreeBytes = ReadFreeSpace(cluster.Section("free-space")),
            NodeExporters = ReadExporters(cluster.Section("node-exporters")),
            Settle = cluster.Has("settle") ? cluster.Duration("settle", "0s", "1h") : null,
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
            DataMount = For("data-mount").RequiredText("data-mount"),
            HoldsSmoosh = For("hold-smoosh").Switch("hold-smoosh"),
            ClaimDatabase = ReadClaimDatabase(For("claim-database")),
            ClaimTimeToLive = For("claim-ttl").Duration("claim-ttl", "5s", "1h"),
        };

        IEngineSettings For(string key) => cluster.Has(key) ? cluster : defaults;
    }

    private static IReadOnlyDictionary<string, long> ReadFreeSpace(IEngineSettings nodes) =>
        nodes.Keys().ToDictionary(node => node, node => nodes.Size(node, "0", "1048576GiB"), StringComparer.Ordinal);

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

    private static IReadOnlyList<Uri> ReadEndpoints(IEngineSettings cluster)
    {
        var texts = cluster.TextList("endpoints", CheckEndpoint);
        if (cluster.Has("endpoints") && texts.Count == 0 && !cluster.HasErrorAt("endpoints"))
        {
            cluster.Fail("endpoints", "expected at least one URL, found none", 0);
        }
        else if (texts.Count > MaxEndpoints)
        {
            cluster.Fail("endpoints", $"expected at most {MaxEndpoints} URLs, found {texts.Count}", 0);
        }

        // Paths are put behind it, so a proxy's prefix must end with a slash.
        return [.. texts.Where(text => CheckEndpoint(text) is null).Select(text => new Uri(text.EndsWith('/') ? text : text + "/"))];
    }

    private static string? CheckEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Query.Length == 0 && url.Fragment.Length == 0 && url.UserInfo.Length == 0
            ? null
            : $"expected a URL such as http://couch-1:5984, found \"{(url?.UserInfo.Length > 0 ? "a URL with user and password, which belong in auth" : text)}\"";

    private static CouchDbTlsOptions ReadTls(IEngineSettings cluster)
    {
        var tls = cluster.Section("tls");
        var files = PemFiles.Read(tls);
        var options = new CouchDbTlsOptions(files.Ca, files.Certificate, files.Key, tls.Has("server-name") ? tls.RequiredText("server-name") : "");
        files.Check(tls, () => CouchDbCluster.CheckTls(options));
        return options;
    }
}
