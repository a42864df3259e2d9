using System.Reflection;
using Akka.Actor;
using Hocon;
using Orchestrator.Actors.Journals;

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

    /// <summary>A journal and snapshots in a SQLite file, as the product prepares it.</summary>
    public static string Sqlite(string file)
    {
        var journal = SupervisorJournal.For(SupervisorJournal.Sqlite, $"Data Source={file};Pooling=false");
        journal.Prepare();
        return string.Concat(new[] { "journal", "snapshot-store" }.Select(plugin => $"""
            akka.persistence.{plugin}.sql.provider-name = "{SupervisorJournal.Sqlite}"
            akka.persistence.{plugin}.sql.connection-string = "{journal.ConnectionString}"

            """));
    }

    private static string ReadDefaults()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("reference.conf")!;
        using var reader = new StreamReader(stream);
        return $"akka = {HoconConfigurationFactory.ParseString(reader.ReadToEnd()).GetConfig("akka")}";
    }
}
