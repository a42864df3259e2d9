using System.Buffers.Binary;
using System.Text;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace Orchestrator.MongoDouble.Wire;

/// <summary>A request of MongoDB's wire protocol: OP_QUERY (2004), OP_GET_MORE (2005) or OP_MSG (2013).</summary>
/// <param name="Collection">Of OP_QUERY its full collection name, for example <c>admin.$cmd</c>; empty for OP_MSG.</param>
/// <param name="Body">The command or query, the documents of other sections added as arrays.</param>
internal sealed record WireMessage(int RequestId, int Opcode, int Flags, string Collection, BsonDocument Body)
{
    public const int Reply = 1;
    public const int Query = 2004;
    public const int GetMore = 2005;
    public const int Message = 2013;
    public const int ExhaustAllowed = 1 << 16;
    public const int MoreToCome = 1 << 1;
    private const int SecondaryOk = 1 << 2;
    private const int HeaderLength = 16;
    private const int MaxLength = 48_000_000;

    /// <summary>Of OP_GET_MORE the cursor.</summary>
    public long Cursor { get; init; }

    /// <summary>Whether the answer to a query may be left in batches.</summary>
    public bool TakesBatches { get; init; }

    /// <summary>The database that the command is for.</summary>
    public string Database => Opcode == Query ? Collection.Split('.')[0] : Body.GetValue("$db", "admin").AsString;

    /// <summary>Whether a member that is not primary may answer it with data.</summary>
    public bool AllowsSecondary => Opcode == Query
        ? (Flags & SecondaryOk) != 0
        : Body.TryGetValue("$readPreference", out var preference) && preference["mode"] != "primary";

    /// <summary>The next request; null at the end of the stream.</summary>
    public static async Task<WireMessage?> Read(Stream stream, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderLength];
        if (await stream.ReadAtLeastAsync(header, HeaderLength, throwOnEndOfStream: false, cancellationToken) < HeaderLength)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is < HeaderLength or > MaxLength)
        {
            throw new InvalidDataException($"a message of {length} bytes");
        }

        var rest = new byte[length - HeaderLength];
        await stream.ReadExactlyAsync(rest, cancellationToken);
        var (id, opcode) = (Int(header, 4), Int(header, 12));
        return opcode switch
        {
            Query => ParseQuery(id, rest),
            GetMore => new WireMessage(id, GetMore, 0, "", []) { Cursor = BinaryPrimitives.ReadInt64LittleEndian(rest.AsSpan(rest.Length - 8)) },
            Message => ParseMessage(id, rest),
            _ => throw new InvalidDataException($"opcode {opcode}"),
        };
    }

    /// <summary>Bytes of an answer, of the kind that the request wants.</summary>
    /// <param name="cursor">Where OP_GET_MORE fetches the next batch; 0 for nowhere.</param>
    public static byte[] Answer(int opcode, int id, int responseTo, int flags, long cursor, IReadOnlyList<BsonDocument> documents)
    {
        using var body = new MemoryStream();
        using var writer = new BinaryWriter(body);
        writer.Write(0);
        writer.Write(id);
        writer.Write(responseTo);
        if (opcode != Message)
        {
            writer.Write(Reply);
            writer.Write(8);
            writer.Write(cursor);
            writer.Write(0);
            writer.Write(documents.Count);
        }
        else
        {
            writer.Write(Message);
            writer.Write(flags);
            writer.Write((byte)0);
        }

        foreach (var document in documents)
        {
            writer.Write(document.ToBson());
        }

        writer.Flush();
        var bytes = body.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
        return bytes;
    }

    private static WireMessage ParseQuery(int id, byte[] rest)
    {
        var end = Array.IndexOf(rest, (byte)0, 4);
        var query = Document(rest, end + 9, out _);

        // Drivers may wrap a query together with its read preference.
        var body = query.TryGetValue("$query", out var wrapped) ? wrapped.AsBsonDocument : query;
        return new WireMessage(id, Query, Int(rest, 0), Encoding.UTF8.GetString(rest, 4, end - 4), body) { TakesBatches = Int(rest, end + 5) == 0 };
    }

    private static WireMessage ParseMessage(int id, byte[] rest)
    {
        var flags = Int(rest, 0);
        var stop = rest.Length - ((flags & 1) != 0 ? 4 : 0);
        var body = new BsonDocument();
        var sequences = new List<BsonElement>();
        for (var at = 4; at < stop;)
        {
            if (rest[at++] == 0)
            {
                body = Document(rest, at, out at);
                continue;
            }

            var end = at + Int(rest, at);
            var nameEnd = Array.IndexOf(rest, (byte)0, at + 4);
            var name = Encoding.UTF8.GetString(rest, at + 4, nameEnd - at - 4);
            var documents = new BsonArray();
            for (at = nameEnd + 1; at < end;)
            {
                documents.Add(Document(rest, at, out at));
            }

            sequences.Add(new BsonElement(name, documents));
        }

        return new WireMessage(id, Message, flags, "", body.AddRange(sequences));
    }

    private static BsonDocument Document(byte[] bytes, int at, out int next)
    {
        next = at + Int(bytes, at);
        return BsonSerializer.Deserialize<BsonDocument>(bytes[at..next]);
    }

    private static int Int(byte[] bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
}
