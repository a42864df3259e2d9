using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MongoDB.Bson;
using Orchestrator.Host.Demo;
using Orchestrator.MongoDouble.Commands;
using Orchestrator.MongoDouble.Wire;

namespace Orchestrator.MongoDouble;

/// <summary>One <c>mongod</c> of the double: a listener, its data, its operations, and the faults that a test asks for.</summary>
internal sealed class DoubleMember : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, DoubleConnection> _connections = new();
    private readonly ConcurrentQueue<(string Command, CommandError Error)> _faults = new();
    private readonly List<DoubleOperation> _operations = [];
    private readonly Lock _lock = new();
    private TcpListener? _listener;
    private CancellationTokenSource _life = new();
    private int _ids;
    private int _state = MemberStates.Secondary;

    public DoubleMember(DoubleReplicaSet set, int id, DoubleMemberOptions options, DoubleVersion version)
    {
        (Set, Id, Options, Version) = (set, id, options, version);

        // Version 3.2 made WiredTiger what a server has unless it is told otherwise.
        StorageEngine = version.Since(3, 2) ? "wiredTiger" : "mmapv1";
        Features = version.Feature;
        Port = options.Port > 0 ? options.Port : FreePorts.Find(1)[0];
        Listen();
        Name = options.Name.Length > 0 ? options.Name : $"127.0.0.1:{Port}";
    }

    public DoubleReplicaSet Set { get; }

    public int Id { get; }

    public DoubleMemberOptions Options { get; }

    public DoubleVersion Version { get; set; }

    /// <summary>Host and port in the configuration.</summary>
    public string Name { get; }

    /// <summary>Where it really listens, on 127.0.0.1.</summary>
    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    public ObjectId ProcessId { get; private set; } = ObjectId.GenerateNewId();

    public DateTimeOffset StartedAt { get; private set; } = TimeProvider.System.GetUtcNow();

    public ConcurrentDictionary<string, DoubleCollection> Collections { get; } = new(StringComparer.Ordinal);

    /// <summary>Documents of collections that clients have written, by namespace.</summary>
    public ConcurrentDictionary<string, List<BsonDocument>> Written => Set.Written;

    public bool IsRunning => _listener is not null;

    public int Maintenance { get; set; }

    public DateTimeOffset FrozenUntil { get; set; }

    public DateTimeOffset SteppedDownUntil { get; set; }

    /// <summary>Seconds that it is behind the primary, beside its configured delay.</summary>
    public double LagSeconds { get; set; }

    public string SyncSource { get; set; } = "";

    public bool FsyncLocked { get; set; }

    public bool BackupCursorOpen { get; set; }

    /// <summary>With which options background compaction is on; null where it is off.</summary>
    public (int FreeSpaceTarget, bool RunsOnce)? AutoCompact { get; set; }

    public string StorageEngine { get; set; }

    /// <summary>Its feature compatibility version.</summary>
    public string Features { get; set; }

    /// <summary>How long it waits before each answer.</summary>
    public TimeSpan Slowness { get; set; }

    /// <summary>How long a compaction takes.</summary>
    public TimeSpan CompactTime { get; set; }

    /// <summary>While it is set, compactions stay at work.</summary>
    public TaskCompletionSource? Held { get; set; }

    /// <summary>Every compaction that it was ordered to do, and began.</summary>
    public ConcurrentQueue<BsonDocument> Compacts { get; } = new();

    public IReadOnlyList<DoubleOperation> Operations
    {
        get
        {
            lock (_lock)
            {
                return [.. _operations];
            }
        }
    }

    public bool IsPrimaryOrStandalone => !Set.IsReplicaSet || Set.Primary == this;

    /// <summary>Whether a compaction makes it go to RECOVERING.</summary>
    public bool IsCompactingInRecovery => !Version.StaysSecondary && Operations.Any(operation => operation.Command.Contains("compact"));

    /// <summary>What it says of itself; a state set by a test goes before.</summary>
    public int State
    {
        get => !IsRunning ? MemberStates.Down
            : Options.IsArbiter ? MemberStates.Arbiter
            : Set.Primary == this ? MemberStates.Primary
            : _state != MemberStates.Secondary ? _state
            : Maintenance > 0 || IsCompactingInRecovery ? MemberStates.Recovering
            : MemberStates.Secondary;
        set
        {
            _state = value;
            Set.Changed();
        }
    }

    public int ConnectionCount => _connections.Count;

    public DoubleOperation Begin(string ns, BsonDocument command)
    {
        lock (_lock)
        {
            var operation = new DoubleOperation(++_ids + 1000, ns, command, TimeProvider.System.GetTimestamp());
            _operations.Add(operation);
            return operation;
        }
    }

    public void End(DoubleOperation operation)
    {
        lock (_lock)
        {
            _operations.Remove(operation);
        }
    }

    /// <summary>The next command of this name is refused like this.</summary>
    public void FailNext(string command, int code, string codeName, string message, params IReadOnlyList<string> labels) =>
        _faults.Enqueue((command, new CommandError(code, codeName, message) { Labels = labels }));

    /// <summary>The next command of this name is refused with a state of the server that no later answer has reached: it goes back.</summary>
    public void RefuseNextAhead(string command) => _faults.Enqueue((command, new CommandError(10107, "NotWritablePrimary", "not primary")
    {
        TopologyVersion = new BsonDocument { { "processId", ProcessId }, { "counter", Set.Counter + 1000 } },
    }));

    public CommandError? TakeFault(string command)
    {
        if (_faults.TryPeek(out var next) && next.Command == command && _faults.TryDequeue(out next))
        {
            return next.Error;
        }

        return null;
    }

    public Task Delay(CancellationToken cancellationToken) => Slowness > TimeSpan.Zero ? Task.Delay(Slowness, cancellationToken) : Task.CompletedTask;

    /// <summary>Ends the process: connections break, its operations are gone.</summary>
    public void Kill()
    {
        _listener?.Stop();
        _listener = null;
        _life.Cancel();
        foreach (var operation in Operations)
        {
            End(operation);
        }

        CloseConnections(_ => true);
        Set.Lost(this);
    }

    public void Revive()
    {
        _life = new CancellationTokenSource();
        ProcessId = ObjectId.GenerateNewId();
        StartedAt = TimeProvider.System.GetUtcNow();
        Listen();
        Set.Changed();
    }

    /// <summary>Breaks the connections on which a command of this name is at work; the member goes on with it.</summary>
    public int Cut(string command) => CloseConnections(connection => connection.Current == command);

    public int CloseConnections(Func<DoubleConnection, bool> which)
    {
        var chosen = _connections.Values.Where(which).ToList();
        chosen.ForEach(connection => connection.Dispose());
        return chosen.Count;
    }

    public CancellationToken Life => _life.Token;

    public ValueTask DisposeAsync()
    {
        _listener?.Stop();
        _listener = null;
        _life.Cancel();
        CloseConnections(_ => true);
        return ValueTask.CompletedTask;
    }

    private void Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Start();
        _listener = listener;
        _ = Accept(listener, _life.Token);
    }

    private async Task Accept(TcpListener listener, CancellationToken life)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(life);
                client.NoDelay = true;
                _ = Serve(client, life);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It was killed.
        }
    }

    private async Task Serve(TcpClient client, CancellationToken life)
    {
        var id = Interlocked.Increment(ref _ids);
        try
        {
            using var connection = new DoubleConnection(this, await Set.Secure(client.GetStream(), life), id);
            _connections[id] = connection;
            await connection.Serve(life);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidDataException
            or System.Security.Authentication.AuthenticationException)
        {
            // The client, a test or the end of the process has broken the connection.
        }
        finally
        {
            _connections.TryRemove(id, out _);
            client.Dispose();
        }
    }
}
