using MongoDB.Driver;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>Reads what is said about one MongoDB cluster; what it does not say comes from <c>orchestrator.engines.mongodb</c>.</summary>
internal static class MongoDbSettings
{
    private const string Certificate = "MONGODB-X509";

    /// <summary>The defaults of all MongoDB clusters.</summary>
    public static MongoDbClusterOptions ReadDefaults(IEngineSettings engine) => ReadLimits(engine, engine, new MongoDbClusterOptions { Name = "", Uri = "" });

    /// <param name="defaults">The section of the engine's defaults.</param>
    public static MongoDbClusterOptions ReadCluster(IEngineSettings cluster, IEngineSettings defaults, string name)
    {
        var (uri, url) = ReadUri(cluster);
        var (auth, tls) = (cluster.Section("auth"), cluster.Section("tls"));
        var user = EngineUser.Read(auth);
        var options = new MongoDbClusterOptions
        {
            Name = name,
            Uri = uri,
            UsesTls = (tls.Has("on") && tls.Switch("on")) || tls.Has("ca") || tls.Has("certificate") || url is { UseTls: true },
            Tls = TlsFiles.Read(tls),
            User = user.Name,
            Password = user.Password,
            AuthenticationDatabase = auth.Has("database") ? auth.RequiredText("database") : "admin",
            UsesCertificate = auth.Has("mechanism") && ReadMechanism(auth),
            IncludesConfigServers = cluster.Has("config-servers") && cluster.Switch("config-servers"),
            Addresses = ReadAddresses(cluster.Section("addresses")),
            AutoCompact = ReadAutoCompact(cluster),
            Settle = cluster.Settle(),
        };
        CheckUser(auth, user, options, url);
        return ReadLimits(cluster, defaults, options);
    }

    private static MongoDbClusterOptions ReadLimits(IEngineSettings cluster, IEngineSettings defaults, MongoDbClusterOptions options)
    {
        return options with
        {
            RequestTimeout = For("request-timeout").Duration("request-timeout", "100ms", "1m"),
            TransferTimeout = For("transfer-timeout").Duration("transfer-timeout", "1s", "1h"),
            StepDownPeriod = For("step-down-period").Duration("step-down-period", "30s", "1d"),
            DiscoverInterval = For("discover-interval").Duration("discover-interval", "100ms", "1h"),
            ClaimCollection = ReadClaimCollection(For("claim-collection")),
            ClaimTimeToLive = For("claim-ttl").Duration("claim-ttl", "5s", "1h"),
        };

        IEngineSettings For(string key) => cluster.Has(key) ? cluster : defaults;
    }

    private static (string Uri, MongoUrl? Url) ReadUri(IEngineSettings cluster)
    {
        // It may hold a password, so no error shows it.
        var uri = cluster.Secret("uri");
        if (uri.Length == 0)
        {
            return (cluster.RequiredText("uri"), null);
        }

        try
        {
            var url = new MongoUrl(uri);
            return url.LoadBalanced
                ? cluster.Fail("uri", "expected a connection string without loadBalanced, since members are reached directly", ("", (MongoUrl?)null))
                : (uri, url);
        }
        catch (Exception e) when (e is MongoException or ArgumentException or FormatException)
        {
            return cluster.Fail("uri", "expected a connection string such as mongodb://host-1:27017,host-2:27017/?replicaSet=rs0", ("", (MongoUrl?)null));
        }
    }

    private static bool ReadMechanism(IEngineSettings auth)
    {
        var mechanism = auth.RequiredText("mechanism");
        return mechanism == Certificate || auth.Fail("mechanism", $"expected {Certificate}, or nothing for user and password, found \"{mechanism}\"", false);
    }

    private static void CheckUser(IEngineSettings auth, EngineUser user, MongoDbClusterOptions options, MongoUrl? url)
    {
        if (options.UsesCertificate)
        {
            if (options.Tls.Certificate.Length == 0)
            {
                auth.Fail("mechanism", $"expected tls.certificate and tls.key with {Certificate}, found none", 0);
            }
        }
        else
        {
            user.Check(auth, "MONGODB_PASSWORD");
        }

        if (user.Name.Length > 0 && url?.Username is not null)
        {
            auth.Fail("user", "expected the user here or in uri, found both", 0);
        }
    }

    private static IReadOnlyDictionary<string, string> ReadAddresses(IEngineSettings addresses)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in addresses.Keys())
        {
            var address = addresses.RequiredText(member);
            if (address.Length > 0 && (address.Contains('/') || !MongoServerAddress.TryParse(address, out _)))
            {
                addresses.Fail(member, $"expected host:port, found \"{address}\"", 0);
                continue;
            }

            read[member] = address.Contains(':') ? address : $"{address}:27017";
        }

        return read;
    }

    private static MongoDbAutoCompactOptions? ReadAutoCompact(IEngineSettings cluster)
    {
        var section = cluster.Section("auto-compact");
        if (section.Keys().Count == 0)
        {
            return null;
        }

        return new MongoDbAutoCompactOptions(
            section.Switch("on"),
            section.Has("free-space-target") ? (int)(section.Size("free-space-target", "1MiB", "1TiB") >> 20) : (int)MongoDbOrders.DefaultFreeSpaceTarget,
            section.Has("run-once") && section.Switch("run-once"),
            section.Has("members") ? section.TextList("members", member => member.Contains(':') ? null : $"expected name:port, found \"{member}\"") : []);
    }

    private static string ReadClaimCollection(IEngineSettings section)
    {
        var name = section.Text("claim-collection");
        return name.Length == 0 || (name.IndexOf('.') is > 0 and var dot && dot < name.Length - 1)
            ? name
            : section.Fail("claim-collection", $"expected database.collection, or nothing for no claim, found \"{name}\"", "");
    }
}
