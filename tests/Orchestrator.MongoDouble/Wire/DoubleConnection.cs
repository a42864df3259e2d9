using System.Net.Security;
using MongoDB.Bson;
using Orchestrator.MongoDouble.Commands;

namespace Orchestrator.MongoDouble.Wire;

/// <summary>One client's connection to a member: reads a request, has it answered, and so on until somebody closes it.</summary>
internal sealed class DoubleConnection(DoubleMember member, Stream stream, int id) : IDisposable
{
    /// <summary>How many documents the first batch of a query has.</summary>
    private const int FirstBatch = 101;

    private readonly Dictionary<long, IReadOnlyList<BsonDocument>> _cursors = [];
    private int _replies;

    public int Id => id;

    /// <summary>Who has proved who he is; empty for nobody.</summary>
    public string User { get; set; } = "";

    /// <summary>Subject of the certificate that the client has shown; empty for none.</summary>
    public string CertificateName => (stream as SslStream)?.RemoteCertificate?.Subject.Replace(", ", ",", StringComparison.Ordinal) ?? "";

    public ScramConversation? Conversation { get; set; }

    /// <summary>What MONGODB-CR mixes into the proof; empty before it was asked for.</summary>
    public string Nonce { get; set; } = "";

    /// <summary>The command that is being carried out; empty between commands.</summary>
    public string Current { get; private set; } = "";

    public async Task Serve(CancellationToken cancellationToken)
    {
        while (await WireMessage.Read(stream, cancellationToken) is { } request)
        {
            Current = request.Body.ElementCount > 0 ? request.Body.GetElement(0).Name : "";
            await member.Delay(cancellationToken);
            if (request.Opcode == WireMessage.Message && !member.Version.HasMessages)
            {
                return;
            }

            if (request.Opcode == WireMessage.GetMore)
            {
                var rest = _cursors.Remove(request.Cursor, out var left) ? left : [];
                await stream.WriteAsync(WireMessage.Answer(request.Opcode, ++_replies, request.RequestId, 0, 0, rest), cancellationToken);
                continue;
            }

            var documents = await CommandTable.Answer(new CommandContext(member, this, request, cancellationToken));
            await Send(request, documents, cancellationToken);
            Current = "";
        }
    }

    public void Dispose() => stream.Dispose();

    private async Task Send(WireMessage request, IReadOnlyList<BsonDocument> documents, CancellationToken cancellationToken)
    {
        var isExhaust = (request.Flags & WireMessage.ExhaustAllowed) != 0 && request.Opcode == WireMessage.Message && request.Body.Contains("maxAwaitTimeMS");
        var responseTo = request.RequestId;
        while (true)
        {
            var own = Interlocked.Increment(ref _replies);
            var flags = isExhaust ? WireMessage.MoreToCome : 0;
            var cursor = request.TakesBatches && documents.Count > FirstBatch ? own : 0L;
            if (cursor != 0)
            {
                _cursors[cursor] = [.. documents.Skip(FirstBatch)];
                documents = [.. documents.Take(FirstBatch)];
            }

            await stream.WriteAsync(WireMessage.Answer(request.Opcode, own, responseTo, flags, cursor, documents), cancellationToken);
            if (!isExhaust)
            {
                return;
            }

            // The next answer comes by itself, when the state changes or the time is over.
            responseTo = own;
            request.Body["topologyVersion"] = documents[0]["topologyVersion"];
            documents = await CommandTable.Answer(new CommandContext(member, this, request, cancellationToken));
        }
    }
}
