using Akka.Configuration;
using Akka.Persistence.Storage;
using Akka.Persistence.Storage.InMemory;
using Akka.Persistence.Storage.Sql;

namespace Akka.Persistence;

/// <summary>
/// Makes journals and snapshot stores from their sections of the configuration. A section is known by its path or, when it has
/// another one, by the class it names, as with Akka.NET. A journal and a snapshot store on the same database share its writer.
/// </summary>
internal sealed class PluginFactory(Config config, IPayloadCodec codec, TimeProvider time) : IDisposable
{
    public const string JournalSection = "akka.persistence.journal";
    public const string SnapshotSection = "akka.persistence.snapshot-store";

    private static readonly string[] InMemoryClasses = ["Akka.Persistence.Journal.MemoryJournal", "Akka.Persistence.Snapshot.MemorySnapshotStore"];
    private static readonly string[] SqlClasses = ["Akka.Persistence.Sql.Journal.SqlWriteJournal", "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore"];

    private readonly Dictionary<(string Provider, SqlSettings Settings), SqlDatabase> _databases = [];

    private enum PluginKind
    {
        InMemory,
        Sql,
    }

    public IEventJournal CreateJournal(string id)
    {
        if (KindOf(id, JournalSection) == PluginKind.InMemory)
        {
            return new InMemoryEventJournal();
        }
        var database = Database(id);
        return new SqlEventJournal(database, codec, Positive($"{id}.replay-batch-size", 1000), time);
    }

    public ISnapshotStore CreateSnapshotStore(string id) =>
        KindOf(id, SnapshotSection) == PluginKind.InMemory ? new InMemorySnapshotStore() : new SqlSnapshotStore(Database(id), codec);

    public void Dispose()
    {
        foreach (var database in _databases.Values)
        {
            database.Dispose();
        }
    }

    private SqlDatabase Database(string id)
    {
        var dialect = SqlDialect.For(config.GetString($"{id}.provider-name", null), id);
        var settings = new SqlSettings(
            dialect.Normalize(config.GetString($"{id}.connection-string", null), id),
            config.GetBoolean($"{id}.auto-initialize", true),
            Positive($"{id}.batch-size", 100),
            Positive($"{id}.buffer-size", 5000));
        var key = (dialect.ProviderName, settings);
        if (!_databases.TryGetValue(key, out var database))
        {
            _databases.Add(key, database = new SqlDatabase(dialect, settings));
        }
        return database;
    }

    private PluginKind KindOf(string id, string section)
    {
        var className = config.GetString($"{id}.class", "").Split(',')[0].Trim();
        if (id == $"{section}.inmem" || InMemoryClasses.Contains(className))
        {
            return PluginKind.InMemory;
        }
        if (id == $"{section}.sql" || SqlClasses.Contains(className))
        {
            return PluginKind.Sql;
        }
        throw new ArgumentException($"{section}.plugin: '{id}' is not one of {section}.inmem, {section}.sql.");
    }

    private int Positive(string path, int otherwise)
    {
        var value = config.GetInt(path, otherwise);
        return value > 0 ? value : throw new ArgumentException($"{path} is {value}; it must be 1 or more.");
    }
}
