using Akka.Actor;
using Akka.Persistence.Storage;

namespace Akka.Persistence;

/// <summary>
/// The journals and snapshot stores of one actor system, made when the first actor asks for them and closed when the system
/// has terminated, after the last actor has stopped.
/// </summary>
internal sealed class PersistenceRuntime : IExtension
{
    private static readonly TimeSpan DefaultRecoveryEventTimeout = TimeSpan.FromSeconds(30);
    private const int DefaultConcurrentRecoveries = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, IEventJournal> _journals = [];
    private readonly Dictionary<string, ISnapshotStore> _snapshotStores = [];
    private readonly Configuration.Config _config;
    private readonly PluginFactory _factory;
    private readonly SemaphoreSlim _recoveryPermits;

    public PersistenceRuntime(ExtendedActorSystem system)
    {
        _config = system.Settings.Config;
        _factory = new PluginFactory(_config, new AkkaPayloadCodec(system), TimeProvider.System);
        var permits = _config.GetInt("akka.persistence.max-concurrent-recoveries", DefaultConcurrentRecoveries);
        _recoveryPermits = new SemaphoreSlim(
            permits > 0 ? permits : throw new ArgumentException($"akka.persistence.max-concurrent-recoveries is {permits}; it must be 1 or more."));
        system.RegisterOnTermination(Close);
    }

    public static PersistenceRuntime Get(ActorSystem system) => Provider.Instance.Get(system);

    /// <summary>The plugins with these configuration paths; empty takes the configured default, which is in memory if there is none.</summary>
    /// <exception cref="ArgumentException">A plugin is not known or its settings are wrong.</exception>
    public PersistencePlugins Plugins(string journalId, string snapshotId)
    {
        var journal = Id(journalId, PluginFactory.JournalSection);
        var snapshots = Id(snapshotId, PluginFactory.SnapshotSection);
        lock (_lock)
        {
            return new PersistencePlugins(
                Find(_journals, journal, _factory.CreateJournal),
                Find(_snapshotStores, snapshots, _factory.CreateSnapshotStore),
                _recoveryPermits,
                _config.GetTimeSpan($"{journal}.recovery-event-timeout", DefaultRecoveryEventTimeout),
                TimeProvider.System);
        }
    }

    /// <summary>Puts a journal in the place of the one with this configuration path.</summary>
    internal void Use(string journalId, IEventJournal journal)
    {
        lock (_lock)
        {
            _journals[journalId] = journal;
        }
    }

    /// <summary>Puts a snapshot store in the place of the one with this configuration path.</summary>
    internal void Use(string snapshotId, ISnapshotStore store)
    {
        lock (_lock)
        {
            _snapshotStores[snapshotId] = store;
        }
    }

    private static T Find<T>(Dictionary<string, T> made, string id, Func<string, T> make)
    {
        if (!made.TryGetValue(id, out var plugin))
        {
            made.Add(id, plugin = make(id));
        }
        return plugin;
    }

    private string Id(string id, string section)
    {
        if (string.IsNullOrEmpty(id))
        {
            id = _config.GetString($"{section}.plugin", "");
        }
        return id.Length == 0 ? $"{section}.inmem" : id;
    }

    private void Close()
    {
        lock (_lock)
        {
            _factory.Dispose();
        }
    }

    private sealed class Provider : ExtensionIdProvider<PersistenceRuntime>
    {
        public static readonly Provider Instance = new();

        public override PersistenceRuntime CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
