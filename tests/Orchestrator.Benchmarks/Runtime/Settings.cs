using System.Reflection;
using Akka.Actor;
using Hocon;

namespace Orchestrator.Benchmarks.Runtime;

/// <summary>The product's own Akka settings, from hocon/reference.conf; only the log is turned off.</summary>
internal static class Settings
{
    private const string Quiet = "akka { loglevel = OFF, loggers = [], stdout-loglevel = OFF }";

    private static readonly string Defaults = ReadDefaults();

    /// <summary>A system with the product's defaults and what only a process can know.</summary>
    public static ActorSystem Start(string name, string provider, string more = "") => ActorSystem.Create(
        name,
        Akka.Configuration.ConfigurationFactory.ParseString($"{Quiet}\nakka.actor.provider = {provider}\n{more}\n{CountSerializer.Binding}")
            .WithFallback(Akka.Configuration.ConfigurationFactory.ParseString(Defaults)));

    /// <summary>Addresses on loopback; port 0 is any free one.</summary>
    public static string Loopback(int port) => $"akka.remote.dot-netty.tcp {{ hostname = \"127.0.0.1\", port = {port} }}";

    /// <summary>A journal and snapshots in a SQLite file.</summary>
    public static string Sqlite(string file) => $$"""
        akka.persistence.journal.sql { provider-name = "SQLite.MS", connection-string = "Data Source={{file}}" }
        akka.persistence.snapshot-store.sql { provider-name = "SQLite.MS", connection-string = "Data Source={{file}}" }
        """;

    private static string ReadDefaults()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("reference.conf")!;
        using var reader = new StreamReader(stream);
        return $"akka {{ {HoconConfigurationFactory.ParseString(reader.ReadToEnd()).GetConfig("akka")} }}";
    }
}
