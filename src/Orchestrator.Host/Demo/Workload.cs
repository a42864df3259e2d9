using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Documents;

namespace Orchestrator.Host.Demo;

/// <summary>
/// The client that goes on reading and writing while the cluster compacts: writes with <c>w=majority</c>, each tried
/// again, on one node after another, until it is acknowledged.
/// </summary>
internal sealed class Workload : IAsyncDisposable
{
    private const int Writers = 2;

    /// <summary>Each tenth write changes a document that the writer has stored before.</summary>
    private const int UpdateEvery = 10;

    private const int Seed = 42;

    /// <summary>Time for one attempt; more than a write may wait for its majority.</summary>
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(15);

    /// <summary>How long a read, or the last write of a writer, is tried again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan DefaultPace = TimeSpan.FromMilliseconds(5);

    private readonly CollectionName collection;
    private readonly AcknowledgedWrites writes;
    private readonly TimeProvider time;
    private readonly TimeSpan pace;
    private readonly IReadOnlyList<OrchestratorClient> clients;
    private readonly string[] readable;
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gapLock = new();
    private long? lastAcknowledged;
    private TimeSpan longestGap;
    private long acknowledged;
    private long rejected;
    private long readsDone;
    private long readsFailed;
    private Task work = Task.CompletedTask;

    /// <param name="servers">Addresses of all nodes.</param>
    /// <param name="readable">Ids of documents that every node has.</param>
    /// <param name="attemptTimeout">Time for one attempt, where another one shall be tried sooner.</param>
    /// <param name="pace">What each writer and the reader wait between two requests; null for 5 ms.</param>
    public Workload(
        IReadOnlyList<Uri> servers,
        CollectionName collection,
        AcknowledgedWrites writes,
        string[] readable,
        TimeProvider time,
        TimeSpan? attemptTimeout = null,
        TimeSpan? pace = null)
    {
        clients = [.. servers.Select(server => new OrchestratorClient(server, attemptTimeout ?? AttemptTimeout, followRedirects: true))];
        this.collection = collection;
        this.writes = writes;
        this.readable = readable;
        this.time = time;
        this.pace = pace ?? DefaultPace;
    }

    public long Acknowledged => Interlocked.Read(ref acknowledged);

    /// <summary>What the client saw so far; losses are counted by others.</summary>
    public ClientReport Report(int lost)
    {
        lock (gapLock)
        {
            return new ClientReport(
                Acknowledged,
                Interlocked.Read(ref rejected),
                Interlocked.Read(ref readsDone),
                Interlocked.Read(ref readsFailed),
                (long)Math.Ceiling(longestGap.TotalMilliseconds),
                lost);
        }
    }

    public void Start(CancellationToken cancellationToken)
    {
        var tasks = Enumerable.Range(1, Writers).Select(writer => Task.Run(() => Write(writer, cancellationToken), cancellationToken));
        work = Task.WhenAll([.. tasks, Task.Run(() => Read(cancellationToken), cancellationToken)]);
    }

    /// <summary>Ends the work; every writer first has its last write acknowledged.</summary>
    /// <exception cref="DemoException">A write was refused for good.</exception>
    public async Task Stop()
    {
        await stop.CancelAsync();
        await work;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await work.ContinueWith(_ => { }, TaskScheduler.Default);
        foreach (var client in clients)
        {
            client.Dispose();
        }

        stop.Dispose();
    }

    private async Task Write(int writer, CancellationToken cancellationToken)
    {
        var server = 0;
        for (var number = 1; !stop.IsCancellationRequested; number++)
        {
            var target = number % UpdateEvery == 0 ? number - UpdateEvery + 1 : number;
            var document = MakeDocument(writer, target, number);
            server = await WriteUntilAcknowledged(document, server, cancellationToken);
            await Task.Delay(pace, time, cancellationToken);
        }
    }

    /// <summary>Tries the server that was good last, then the others in turn; gives the one that acknowledged.</summary>
    private async Task<int> WriteUntilAcknowledged(InputDocument document, int server, CancellationToken cancellationToken)
    {
        long? stopSeen = null;
        while (true)
        {
            try
            {
                await clients[server].PutDocument(collection, document.Id, document.Body, cancellationToken);
                NoteAcknowledged();
                writes.Stored(document.Id, document.Body.Span);
                return server;
            }
            catch (Exception e) when (e is ApiException or ServerUnreachableException)
            {
                Interlocked.Increment(ref rejected);
                stopSeen ??= stop.IsCancellationRequested ? time.GetTimestamp() : null;
                if (!DemoCluster.IsPassing(e) || (stopSeen is { } since && time.GetElapsedTime(since) > Patience))
                {
                    throw new DemoException($"The client's write of {document.Id} was refused: {e.Message}", e);
                }
            }

            server = (server + 1) % clients.Count;
            await Task.Delay(PauseAfterRefusal, time, cancellationToken);
        }
    }

    private void NoteAcknowledged()
    {
        var now = time.GetTimestamp();
        Interlocked.Increment(ref acknowledged);
        lock (gapLock)
        {
            if (lastAcknowledged is { } last && time.GetElapsedTime(last, now) is var gap && gap > longestGap)
            {
                longestGap = gap;
            }

            lastAcknowledged = now;
        }
    }

    private async Task Read(CancellationToken cancellationToken)
    {
        var random = new Random(Seed);
        while (!stop.IsCancellationRequested && readable.Length > 0)
        {
            if (await TryRead(readable[random.Next(readable.Length)], random.Next(2) == 0, cancellationToken))
            {
                Interlocked.Increment(ref readsDone);
            }
            else
            {
                Interlocked.Increment(ref readsFailed);
            }

            await Task.Delay(pace, time, cancellationToken);
        }
    }

    /// <summary>A read fails if no node answers it with the document for the whole patience.</summary>
    private async Task<bool> TryRead(string id, bool fromAny, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await clients[(attempt + id.Length) % clients.Count].GetDocument(collection, id, fromAny, cancellationToken);
                return true;
            }
            catch (Exception e) when (e is ApiException or ServerUnreachableException)
            {
                if (!DemoCluster.IsPassing(e) || time.GetElapsedTime(start) > Patience)
                {
                    return false;
                }
            }

            await Task.Delay(PauseAfterRefusal, time, cancellationToken);
        }
    }

    private static InputDocument MakeDocument(int writer, int target, int version)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"client-{writer}-{target:D8}");
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("_id", id);
            json.WriteString("kind", "written while compacting");
            json.WriteNumber("version", version);
            json.WriteEndObject();
        }

        return new InputDocument(id, output.WrittenMemory);
    }
}
