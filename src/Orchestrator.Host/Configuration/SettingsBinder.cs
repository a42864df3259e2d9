using System.Net;
using Orchestrator.Actors.Journals;
using Orchestrator.Embedded;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Configuration;

/// <summary>Makes typed settings of a configuration, or says everything that is wrong with it.</summary>
internal static class SettingsBinder
{
    /// <summary>Reads a configuration file over the reference.</summary>
    /// <exception cref="SettingsException">The file cannot be read, or anything in it is wrong: all errors at once.</exception>
    public static OrchestratorSettings Load(string path) => Bind(ConfigurationSources.Load(path), EngineProviders.All);

    /// <summary>Takes a text as if it were a file.</summary>
    /// <param name="text">HOCON; it can include nothing.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="SettingsException">Anything in it is wrong: all errors at once.</exception>
    public static OrchestratorSettings Parse(string text, string name = "configuration") => Bind(ConfigurationSources.Parse(text, name), EngineProviders.All);

    /// <param name="engines">The engines that there are.</param>
    /// <exception cref="SettingsException">Anything is wrong: all errors at once.</exception>
    public static OrchestratorSettings Bind(ConfigurationSources sources, EngineProviders engines)
    {
        var reader = new SettingsReader(sources);
        var settings = Read(sources, reader, engines);
        var errors = reader.Errors
            .Concat(UnknownSettings.Find(sources, reader))
            .Concat(AkkaConfiguration.FindOwned(sources))
            .OrderBy(error => error.Place.File, StringComparer.Ordinal)
            .ThenBy(error => error.Place.Line)
            .ToList();
        return errors.Count == 0 ? settings : throw new SettingsException(errors);
    }

    /// <summary>Reads every setting; errors stay with the reader.</summary>
    internal static OrchestratorSettings Read(ConfigurationSources sources, SettingsReader reader, EngineProviders engines)
    {
        var root = reader.Section("orchestrator");
        var roles = ReadRoles(root);
        var clusters = ClusterBinder.ReadClusters(root.Section("clusters"), root.Section("engines"), engines);
        var windows = WindowBinder.ReadWindows(root.Section("windows"));
        var settings = new OrchestratorSettings
        {
            Roles = roles,
            Http = ReadHttp(root.Section("http")),
            Remoting = ReadRemoting(root.Section("remoting")),
            Node = NodeSettings.Read(root.Section("node"), roles.Node),
            Engines = engines,
            Clusters = clusters,
            Supervisor = SupervisorBinder.Read(
                root.Section("supervisor"), root.Section("runs"), engines, windows, ScheduleBinder.ReadSchedules(root, windows, clusters, engines)),
            Journal = ReadJournal(root.Section("journal")),
            Log = ReadLog(root.Section("log")),
            Security = SecurityBinder.ReadSecurity(root.Section("security")),
            Notifications = NotificationBinder.ReadNotifications(root.Section("notifications")),
            Telemetry = TelemetryBinder.ReadTelemetry(root.Section("telemetry")),
            InEffect = new Lazy<IReadOnlyList<SettingInEffect>>(() => SettingsInEffect.Of(sources)),
            Declared = new DeclaredClusters(sources, engines),
            Kubernetes = KubernetesBinder.Read(root.Section("kubernetes")),
            AkkaSection = AkkaConfiguration.SectionText(sources.Merged),
        };
        if (roles is { Supervisor: true, Operator: false } && clusters.Count == 0 && root.Section("clusters").Keys().Count == 0)
        {
            root.Fail("clusters", "expected at least one cluster, since roles has supervisor", 0);
        }

        settings = settings with { SecretFiles = [.. reader.SecretFiles.Order(StringComparer.Ordinal)] };
        SecurityBinder.CheckReachable(root, settings);
        ClusterBinder.CheckMembership(root.Section("node"), settings);
        return settings;
    }

    private static ProcessRoles ReadRoles(SettingsReader root)
    {
        var names = root.TextList("roles", role => role is ProcessRoles.NodeName or ProcessRoles.SupervisorName or ProcessRoles.OperatorName
            ? null
            : $"expected {ProcessRoles.NodeName}, {ProcessRoles.SupervisorName} or {ProcessRoles.OperatorName}, found \"{role}\"");
        if (names.Count == 0 && !root.Errors.Any(error => error.Path == "orchestrator.roles"))
        {
            root.Fail("roles", $"expected at least one of {ProcessRoles.NodeName}, {ProcessRoles.SupervisorName} and {ProcessRoles.OperatorName}, found none", 0);
        }

        return new ProcessRoles(
            names.Contains(ProcessRoles.NodeName), names.Contains(ProcessRoles.SupervisorName), names.Contains(ProcessRoles.OperatorName));
    }

    private static HttpSettings ReadHttp(SettingsReader http)
    {
        var host = http.IpAddress("host");
        var url = http.Text("advertised-url").TrimEnd('/');
        if (url.Length > 0 && !(Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"
            && parsed.Query.Length == 0 && parsed.Fragment.Length == 0 && parsed.UserInfo.Length == 0))
        {
            http.Fail("advertised-url", $"expected a URL such as http://node-1:8080, found \"{url}\"", 0);
        }

        if (url.Length == 0 && IPAddress.TryParse(host, out var address) && IsWildcard(address))
        {
            http.Fail("advertised-url", $"expected a URL, since others cannot reach this process at the host {host}", 0);
        }

        var (body, held, heldPerCaller) = (
            http.Size("max-request-body", "64KiB", "1GiB"),
            http.Size("max-held-bodies", "64KiB", "64GiB"),
            http.Size("max-held-bodies-per-caller", "64KiB", "64GiB"));
        if (heldPerCaller < body)
        {
            http.Fail("max-held-bodies-per-caller", "expected at least max-request-body: else the longest bodies could never be sent", 0);
        }

        if (held < heldPerCaller)
        {
            http.Fail("max-held-bodies", "expected at least max-held-bodies-per-caller", 0);
        }

        return new HttpSettings
        {
            Host = host,
            Port = http.WholeNumber("port", 0, 65535),
            AdvertisedUrl = url,
            MaxRequestBody = body,
            MaxHeldBodies = held,
            MaxHeldBodiesPerCaller = heldPerCaller,
            MaxStreams = http.WholeNumber("max-streams", 1, 1_000_000),
            MaxStreamsPerCaller = http.WholeNumber("max-streams-per-caller", 1, 1_000_000),
            MaxConnections = http.WholeNumber("max-connections", 10, 1_000_000),
            AllowedHosts = http.TextList("allowed-hosts", name => name == OwnNames.Any || Uri.CheckHostName(name) != UriHostNameType.Unknown
                ? null
                : $"expected a host's name without a port, or \"{OwnNames.Any}\" for every name, found \"{name}\""),
            Page = http.Switch("page"),
            Tls = SecurityBinder.ReadTls(http.Section("tls")),
        };
    }

    private static RemotingSettings ReadRemoting(SettingsReader remoting)
    {
        var host = remoting.RequiredText("host");
        var advertised = remoting.Text("advertised-host");
        foreach (var (key, value) in new[] { ("host", host), ("advertised-host", advertised) })
        {
            if (value.Length > 0 && Uri.CheckHostName(value) == UriHostNameType.Unknown)
            {
                remoting.Fail(key, $"expected an IP address or a host's name, found \"{value}\"", 0);
            }
        }

        if (advertised.Length == 0 && IPAddress.TryParse(host, out var address) && IsWildcard(address))
        {
            remoting.Fail("advertised-host", $"expected a name or address, since others cannot reach this process at {host}", 0);
        }

        var (port, pods) = (remoting.WholeNumber("port", 0, 65535), remoting.Text("seed-pods"));
        if (pods.Length > 0 && port == 0)
        {
            remoting.Fail("seed-pods", "expected remoting.port too, at which each of the pods is reached, found 0", 0);
        }

        return new RemotingSettings
        {
            Host = host,
            Port = port,
            AdvertisedHost = advertised.Length > 0 ? advertised : host,
            SeedNodes = remoting.TextList("seed-nodes", CheckHostAndPort),
            SeedPods = pods,
            ClaimTimeout = remoting.Duration("claim-timeout", "5s", "1h"),
            MaxFrameSize = remoting.Size("max-frame-size", "128KiB", "64MiB"),
            Tls = SecurityBinder.ReadRemotingTls(remoting.Section("tls")),
        };
    }

    private static string? CheckHostAndPort(string text)
    {
        var colon = text.LastIndexOf(':');
        var valid = colon > 0
            && Uri.CheckHostName(text[..colon]) != UriHostNameType.Unknown
            && int.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out var port)
            && port is > 0 and <= 65535;
        return valid ? null : $"expected host:port, found \"{text}\"";
    }

    private static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static JournalSettings ReadJournal(SettingsReader journal)
    {
        const string sqlite = SupervisorJournal.Sqlite;
        const string postgreSql = SupervisorJournal.PostgreSql;
        var provider = journal.Choice("provider-name", new Dictionary<string, string> { [sqlite] = sqlite, [postgreSql] = postgreSql });
        var file = journal.FilePath("file");
        var connection = journal.Text("connection-string");
        if (connection.Length > 0)
        {
            return Connected(journal, new JournalSettings(provider, "", connection));
        }

        if (provider != sqlite)
        {
            journal.Fail("connection-string", $"expected a connection string, since provider-name is {provider}", 0);
        }
        else if (file.Length == 0)
        {
            journal.Fail("file", "expected the path of a file, since there is no connection-string", 0);
        }

        return new JournalSettings(provider, file, $"Data Source=\"{file.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
    }

    /// <summary>Complains about a connection string that cannot be understood, without telling what is in it.</summary>
    private static JournalSettings Connected(SettingsReader journal, JournalSettings settings)
    {
        try
        {
            _ = settings.Database;
        }
        catch (ArgumentException)
        {
            var example = settings.ProviderName == SupervisorJournal.Sqlite
                ? "Data Source=journal.sqlite" : "Host=db;Database=orchestrator;Username=orchestrator";
            journal.Fail("connection-string", $"expected a connection string of {settings.ProviderName} such as \"{example}\"", 0);
        }

        return settings;
    }

    private static LogSettings ReadLog(SettingsReader log) => new()
    {
        Level = log.Choice("level", Words<LogLevelSetting>()),
        Format = log.Choice("format", Words<LogFormat>()),
        File = log.FilePath("file"),
        FileMaxSize = log.Size("file-max-size", "64KiB", "1GiB"),
        FilesKept = log.WholeNumber("files-kept", 1, 1000),
    };

    private static Dictionary<string, T> Words<T>()
        where T : struct, Enum => Enum.GetValues<T>().ToDictionary(value => value.ToString().ToLowerInvariant());
}
