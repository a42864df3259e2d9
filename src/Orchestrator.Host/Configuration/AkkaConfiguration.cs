using System.Globalization;
using System.Text;
using Hocon;

namespace Orchestrator.Host.Configuration;

/// <summary>
/// The actor system's configuration: the file's akka section with the product's choices, and what follows from the
/// product's settings. Akka's own parser knows neither the environment nor files, so the text is resolved.
/// </summary>
internal static class AkkaConfiguration
{
    /// <summary>Name of the actor system; part of every actor's address, so it must be equal everywhere.</summary>
    public const string SystemName = "orchestrator";

    /// <summary>Settings of akka that follow from settings of the product, and are refused in files.</summary>
    private static readonly (string[] Path, string Setting)[] _owned =
    [
        (["akka", "actor", "provider"], ""),
        (["akka", "actor", "serializers", "orchestrator"], ""),
        (["akka", "loglevel"], "orchestrator.log.level"),
        (["akka", "remote", "dot-netty", "tcp", "hostname"], "orchestrator.remoting.host"),
        (["akka", "remote", "dot-netty", "tcp", "public-hostname"], "orchestrator.remoting.advertised-host"),
        (["akka", "remote", "dot-netty", "tcp", "port"], "orchestrator.remoting.port"),
        (["akka", "remote", "dot-netty", "tcp", "public-port"], "orchestrator.remoting.port"),
        (["akka", "remote", "dot-netty", "tcp", "maximum-frame-size"], "orchestrator.remoting.max-frame-size"),
        (["akka", "remote", "dot-netty", "tcp", "enable-ssl"], "orchestrator.remoting.tls"),
        (["akka", "remote", "dot-netty", "tcp", "ssl"], "orchestrator.remoting.tls"),
        (["akka", "cluster", "seed-nodes"], "orchestrator.remoting.seed-nodes"),
        (["akka", "cluster", "roles"], "orchestrator.roles"),
        (["akka", "persistence", "journal", "plugin"], ""),
        (["akka", "persistence", "journal", "sql", "connection-string"], "orchestrator.journal.connection-string"),
        (["akka", "persistence", "journal", "sql", "provider-name"], "orchestrator.journal.provider-name"),
        (["akka", "persistence", "snapshot-store", "plugin"], ""),
        (["akka", "persistence", "snapshot-store", "sql", "connection-string"], "orchestrator.journal.connection-string"),
        (["akka", "persistence", "snapshot-store", "sql", "provider-name"], "orchestrator.journal.provider-name"),
    ];

    /// <summary>Makes the text for <c>Akka.Configuration.ConfigurationFactory.ParseString</c>.</summary>
    /// <param name="settings">The settings of the process.</param>
    /// <param name="serialization">HOCON text of the serializers and bindings.</param>
    public static string Compose(OrchestratorSettings settings, string serialization)
    {
        var composed = HoconConfigurationFactory.ParseString(FromSettings(settings))
            .WithFallback(HoconConfigurationFactory.ParseString(serialization))
            .WithFallback(HoconConfigurationFactory.ParseString(settings.AkkaSection));
        return HoconText.Write(composed);
    }

    /// <summary>The akka section of a configuration as resolved text; nothing else of it.</summary>
    public static string SectionText(Config merged) => $"akka {{\n{HoconText.Write(merged.GetConfig("akka"))}}}\n";

    /// <summary>Errors for settings of akka in a file that would contradict the product's.</summary>
    public static IEnumerable<SettingError> FindOwned(ConfigurationSources sources)
    {
        foreach (var (path, setting) in _owned)
        {
            if (sources.File.HasPath(SettingNames.Join(path)))
            {
                var instead = setting.Length > 0 ? $"; set {setting} instead" : " and cannot be changed";
                yield return new SettingError(SettingNames.Join(path), sources.Places.Of(path), $"is set by the product{instead}");
            }
        }
    }

    /// <summary>Address of the actor system of another process.</summary>
    /// <param name="hostAndPort">host:port.</param>
    /// <param name="encrypted">Whether processes speak TLS with each other.</param>
    public static string SystemAddress(string hostAndPort, bool encrypted) => $"akka.{(encrypted ? "ssl." : "")}tcp://{SystemName}@{hostAndPort}";

    private static string FromSettings(OrchestratorSettings settings)
    {
        var text = new StringBuilder();
        void Set(string path, string value) => text.Append(path).Append(" = ").Append(HoconText.Quote(value)).Append('\n');
        void SetList(string path, IEnumerable<string> values) =>
            text.Append(path).Append(" = [").AppendJoin(", ", values.Select(HoconText.Quote)).Append("]\n");

        var remoting = settings.Remoting;
        Set("akka.loglevel", settings.Log.Level.ToString().ToUpperInvariant());
        Set("akka.remote.dot-netty.tcp.hostname", remoting.Host);
        Set("akka.remote.dot-netty.tcp.public-hostname", remoting.AdvertisedHost);
        Set("akka.remote.dot-netty.tcp.port", remoting.Port.ToString(CultureInfo.InvariantCulture));
        Set("akka.remote.dot-netty.tcp.maximum-frame-size", remoting.MaxFrameSize.ToString(CultureInfo.InvariantCulture) + "b");
        SetTls(Set, remoting.Tls);
        SetList("akka.cluster.roles", settings.Roles.Names);

        // The product asks the seed nodes itself: the actor system's first seed node would found a second cluster.
        SetList("akka.cluster.seed-nodes", []);
        var journal = settings.Journal.Database.ConnectionString;
        foreach (var plugin in new[] { "akka.persistence.journal.sql", "akka.persistence.snapshot-store.sql" })
        {
            Set($"{plugin}.provider-name", settings.Journal.ProviderName);
            Set($"{plugin}.connection-string", journal);
        }

        return text.ToString();
    }

    private static void SetTls(Action<string, string> set, RemotingTlsSettings? tls)
    {
        const string tcp = "akka.remote.dot-netty.tcp";
        set($"{tcp}.enable-ssl", tls is null ? "off" : "on");
        if (tls is not null)
        {
            set($"{tcp}.ssl.certificate.path", tls.Certificate);
            set($"{tcp}.ssl.certificate.password", tls.Password.Value);
            set($"{tcp}.ssl.suppress-validation", "off");
            set($"{tcp}.ssl.require-mutual-authentication", "on");
            set($"{tcp}.ssl.validate-certificate-hostname", tls.CheckHostNames ? "on" : "off");
        }
    }
}
