using Akka.Actor;
using Akka.Configuration;
using Akka.Embedded.Tests.Persistence.Storage;
using Akka.Persistence;
using Akka.Persistence.Storage;

namespace Akka.Embedded.Tests.Persistence.Actors;

/// <summary>Actor systems with a journal, and the database they use; all end with the test.</summary>
internal sealed class PersistenceFixture : IAsyncDisposable
{
    private readonly TemporaryDatabase _database = new();
    private readonly List<ActorSystem> _systems = [];

    public string InMemory { get; } = """
        akka.persistence.journal.plugin = "akka.persistence.journal.inmem"
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
        """;

    public string Sqlite => SqliteAt(_database.File);

    public static string SqliteAt(string file) => Sql("SQLite.MS", $"Data Source={file}");

    public static string Sql(string provider, string connectionString) => $$"""
        akka.persistence.journal {
          plugin = "akka.persistence.journal.sql"
          sql { provider-name = "{{provider}}", connection-string = "{{connectionString}}" }
        }
        akka.persistence.snapshot-store {
          plugin = "akka.persistence.snapshot-store.sql"
          sql { provider-name = "{{provider}}", connection-string = "{{connectionString}}" }
        }
        """;

    public ActorSystem Start(string persistence, string more = "")
    {
        var config = ConfigurationFactory.ParseString($$"""
            {{persistence}}
            {{more}}
            akka.loglevel = OFF
            akka.actor {
              serializers.note = "{{typeof(NoteSerializer).AssemblyQualifiedName}}"
              serialization-bindings { "{{typeof(Note).AssemblyQualifiedName}}" = note }
            }
            """);
        var system = ActorSystem.Create($"persistence-{_systems.Count}", config);
        _systems.Add(system);
        return system;
    }

    /// <summary>Puts a journal in the place of the configured one.</summary>
    public static void Use(ActorSystem system, IEventJournal journal) =>
        PersistenceRuntime.Get(system).Use(system.Settings.Config.GetString("akka.persistence.journal.plugin")!, journal);

    public async ValueTask DisposeAsync()
    {
        foreach (var system in _systems)
        {
            await system.Terminate();
        }
        _database.Dispose();
    }
}
