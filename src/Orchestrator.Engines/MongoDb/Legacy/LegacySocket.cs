using System.Net.Security;
using System.Net.Sockets;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Orchestrator.Engines.MongoDb.Legacy;

/// <summary>One connection to an old server, logged in, for one call at a time.</summary>
internal sealed class LegacySocket : IDisposable
{
    // From here on the official driver is used.
    private const int FirstWireOfDriver = 9;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private int _requests;

    private LegacySocket(Socket socket, Stream stream)
    {
        (_socket, _stream) = (socket, stream);
    }

    /// <summary>The newest protocol that the server speaks.</summary>
    public int Wire { get; private set; }

    /// <summary>Whether the server has closed it while nobody looked.</summary>
    public bool IsClosed => _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0;

    /// <exception cref="MongoDbOtherWire">The server is not an old one.</exception>
    public static async Task<LegacySocket> Open(MongoDbClusterOptions options, MongoDbTls tls, string address, CancellationToken cancellationToken)
    {
        var url = new MongoUrl(options.Uri);
        var place = MongoServerAddress.Parse(address);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // A compaction keeps its connection silent for hours.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            await socket.ConnectAsync(place.Host, place.Port, cancellationToken).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (tls.IsOn || url.UseTls)
            {
                stream = await Secure(stream, tls.ToSettings(), place.Host, url.AllowInsecureTls, cancellationToken).ConfigureAwait(false);
            }

            var opened = new LegacySocket(socket, stream);
            await opened.Greet(options, url, tls, cancellationToken).ConfigureAwait(false);
            return opened;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a command once.</summary>
    /// <exception cref="MongoDbRefusal">The answer is an error.</exception>
    public async Task<BsonDocument> Run(string database, BsonDocument command, CancellationToken cancellationToken)
    {
        var call = LegacyCall.Of(database, command, Wire);
        var answer = await Ask(
            id => call.IsMessage(Wire) ? LegacyWire.Message(id, call.Database, call.Body) : LegacyWire.Query(id, call.Collection, call.Body, call.IsSingle),
            cancellationToken).ConfigureAwait(false);
        var documents = answer.Documents.ToList();
        while (answer.Cursor != 0 && !call.IsSingle)
        {
            var cursor = answer.Cursor;
            answer = await Ask(id => LegacyWire.GetMore(id, call.Collection, cursor), cancellationToken).ConfigureAwait(false);
            documents.AddRange(answer.Documents);
        }

        return RefusalOf(call, documents) is { } refusal ? throw refusal : call.Shape(documents);
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>Queries that stand for commands tell their errors in a field of their own.</summary>
    private static MongoDbRefusal? RefusalOf(LegacyCall call, List<BsonDocument> documents)
    {
        if (documents is [var only] && (only.TryGetValue("$err", out var text) || (!call.IsCommand && call.IsSingle && only.TryGetValue("err", out text))))
        {
            return new MongoDbRefusal(text == "unauthorized" ? 13 : only.GetValue("code", 0).ToInt32(), text.ToString()!);
        }

        return call.IsCommand ? MongoDbRefusal.Of(documents[0]) : null;
    }

    private static async Task<Stream> Secure(Stream stream, SslSettings settings, string host, bool trustsAll, CancellationToken cancellationToken)
    {
        var secured = new SslStream(stream);
        await secured.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = host,
                ClientCertificates = settings.ClientCertificates is { } own ? [.. own] : null,
                RemoteCertificateValidationCallback = trustsAll ? (_, _, _, _) => true : settings.ServerCertificateValidationCallback,
            },
            cancellationToken).ConfigureAwait(false);
        return secured;
    }

    private async Task Greet(MongoDbClusterOptions options, MongoUrl url, MongoDbTls tls, CancellationToken cancellationToken)
    {
        var hello = await Run("admin", new BsonDocument("isMaster", 1), cancellationToken).ConfigureAwait(false);
        Wire = hello.GetValue("maxWireVersion", 0).ToInt32();
        if (Wire >= FirstWireOfDriver)
        {
            throw new MongoDbOtherWire();
        }

        // An arbiter knows no users.
        if (!hello.GetValue("arbiterOnly", false).ToBoolean() && LegacyLogin.For(options, url, tls) is { } login)
        {
            await login.Run(this, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<LegacyAnswer> Ask(Func<int, byte[]> request, CancellationToken cancellationToken)
    {
        var id = ++_requests;
        await _stream.WriteAsync(request(id), cancellationToken).ConfigureAwait(false);
        return await LegacyWire.Read(_stream, id, cancellationToken).ConfigureAwait(false);
    }
}
