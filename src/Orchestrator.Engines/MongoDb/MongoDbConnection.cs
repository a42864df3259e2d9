using MongoDB.Bson;
using MongoDB.Driver;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>
/// A direct connection to one server by the official driver, 4.4 and later. The driver's own retries are off: a compaction or a step-down must
/// not be sent twice. Every command names its read preference, without which the driver would want a primary.
/// </summary>
internal sealed class MongoDbConnection : IMongoDbConnection
{
    // Servers that this driver speaks to have none of it any more: their users log in by SCRAM.
    private const string OldMechanism = "MONGODB-CR";

    // The driver takes no answer of a server for news whose topologyVersion is older than one that it has seen, and then never selects it again.
    private const int MostTimeouts = 3;

    private readonly MongoDbClusterOptions _options;
    private readonly MongoDbTls _tls;
    private readonly string _label;
    private MongoClient _client;
    private Task _work = Task.CompletedTask;
    private int _timeouts;

    public MongoDbConnection(MongoDbClusterOptions options, MongoDbTls tls, string name, string address)
    {
        (_options, _tls, Address) = (options, tls, address);
        _label = name == address ? name : $"{name} at {address}";
        _client = new MongoClient(SettingsFor(options, tls, address));
    }

    public string Address { get; }

    /// <summary>What the driver's monitor saw; null as long as it is connected.</summary>
    private Exception? WhyNoConnection => _client.Cluster.Description.Servers.FirstOrDefault()?.HeartbeatException;

    public async Task<BsonDocument> Run(string database, BsonDocument command, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (timeout is { } time)
        {
            limited.CancelAfter(time);
        }

        var client = Volatile.Read(ref _client);
        try
        {
            var running = client.GetDatabase(database).RunCommandAsync<BsonDocument>(command, ReadPreference.Nearest, limited.Token);
            _work = timeout is null ? running : _work;
            var answer = await running.ConfigureAwait(false);
            _timeouts = 0;
            return answer;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            NoteTimeout(client);
            throw WhyNoConnection is { } reason
                ? MongoDbErrors.Translate(_label, _options, reason)
                : EngineException.Silent(_label, timeout!.Value, e);
        }
        catch (TimeoutException e)
        {
            NoteTimeout(client);
            throw MongoDbErrors.Translate(_label, _options, WhyNoConnection ?? e);
        }
        catch (Exception e) when (e is MongoException or IOException)
        {
            throw MongoDbErrors.Translate(_label, _options, e);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The servers that the connection string names, resolved where it is of the kind <c>mongodb+srv</c>.</summary>
    public static IReadOnlyList<string> SeedsOf(MongoDbClusterOptions options)
    {
        var url = new MongoUrl(options.Uri);
        return [.. (url.Scheme == MongoDB.Driver.Core.Configuration.ConnectionStringScheme.MongoDBPlusSrv ? url.Resolve() : url).Servers.Select(server => $"{server.Host}:{server.Port}")];
    }

    /// <summary>After some in a row another client begins anew; work that is under way on the old one keeps it until it ends.</summary>
    private void NoteTimeout(MongoClient client)
    {
        if (Interlocked.Increment(ref _timeouts) < MostTimeouts)
        {
            return;
        }

        var next = new MongoClient(SettingsFor(_options, _tls, Address));
        if (Interlocked.CompareExchange(ref _client, next, client) != client)
        {
            next.Dispose();
            return;
        }

        _timeouts = 0;
        _ = DisposeAfterWork(client);
    }

    private async Task DisposeAfterWork(MongoClient client)
    {
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        client.Dispose();
    }

    private static MongoClientSettings SettingsFor(MongoDbClusterOptions options, MongoDbTls tls, string address)
    {
        var url = new MongoUrl(options.Uri);
        var settings = new MongoClientSettings
        {
            Server = MongoServerAddress.Parse(address),
            DirectConnection = true,
            Credential = CredentialOf(options, url, tls),
            UseTls = tls.IsOn || url.UseTls,
            SslSettings = tls.ToSettings(),
            ApplicationName = "orchestrator",
            RetryReads = false,
            RetryWrites = false,
            MaxAdaptiveRetries = 0,
            ServerSelectionTimeout = options.RequestTimeout,

            // The client is this object's own: clients with equal settings would share their connections.
            ClusterConfigurator = new Own().Configure,
        };
        if (url.AllowInsecureTls)
        {
            settings.AllowInsecureTls = true;
        }

        return settings;
    }

    private static MongoCredential? CredentialOf(MongoDbClusterOptions options, MongoUrl url, MongoDbTls tls)
    {
        if (url.AuthenticationMechanism == "MONGODB-X509")
        {
            return MongoCredential.CreateMongoX509Credential(url.Username);
        }

        if (options.User.Length > 0)
        {
            return MongoCredential.CreateCredential(options.AuthenticationDatabase, options.User, options.Password);
        }

        return url.Username is not null ? url.AuthenticationMechanism == OldMechanism
                ? MongoCredential.CreateCredential(url.AuthenticationSource ?? url.DatabaseName ?? "admin", url.Username, url.Password)
                : url.GetCredential()
            : tls.HasCertificate && url.AuthenticationMechanism is null && options.UsesCertificate ? MongoCredential.CreateMongoX509Credential()
            : null;
    }

    private sealed class Own
    {
        public void Configure(MongoDB.Driver.Core.Configuration.ClusterBuilder builder)
        {
        }
    }
}
