using System.Buffers.Binary;
using System.Text;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace Orchestrator.Engines.MongoDb.Legacy;

/// <summary>Bytes of MongoDB's wire protocol: OP_QUERY, OP_GET_MORE and OP_REPLY, which all versions up to 5.0 understand, and OP_MSG from 3.6 on.</summary>
internal static class LegacyWire
{
    private const int Reply = 1;
    private const int QueryOpcode = 2004;
    private const int GetMoreOpcode = 2005;
    private const int MessageOpcode = 2013;
    private const int SecondaryOk = 1 << 2;
    private const int HeaderLength = 16;
    private const int MostBytes = 48_000_000;
    private const int CursorNotFound = 1;

    public static byte[] Query(int id, string collection, BsonDocument query, bool single) => Build(id, QueryOpcode, writer =>
    {
        writer.Write(SecondaryOk);
        Write(writer, collection);
        writer.Write(0);
        writer.Write(single ? -1 : 0);
        writer.Write(query.ToBson());
    });

    public static byte[] GetMore(int id, string collection, long cursor) => Build(id, GetMoreOpcode, writer =>
    {
        writer.Write(0);
        Write(writer, collection);
        writer.Write(0);
        writer.Write(cursor);
    });

    public static byte[] Message(int id, string database, BsonDocument command)
    {
        var body = new BsonDocument(command) { { "$db", database } };
        return Build(id, MessageOpcode, writer =>
        {
            writer.Write(0);
            writer.Write((byte)0);
            writer.Write(body.Set("$readPreference", new BsonDocument("mode", "nearest")).ToBson());
        });
    }

    /// <exception cref="EndOfStreamException">The server has closed the connection.</exception>
    public static async Task<LegacyAnswer> Read(Stream stream, int request, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderLength];
        await stream.ReadExactlyAsync(header, cancellationToken).ConfigureAwait(false);
        var length = Int(header, 0);
        if (length is < HeaderLength or > MostBytes || Int(header, 8) != request)
        {
            throw new InvalidDataException("what answers does not speak MongoDB's protocol");
        }

        var body = new byte[length - HeaderLength];
        await stream.ReadExactlyAsync(body, cancellationToken).ConfigureAwait(false);
        return Int(header, 12) switch
        {
            Reply => ParseReply(body),
            MessageOpcode => new LegacyAnswer([ParseMessage(body)], 0),
            var opcode => throw new InvalidDataException($"the server answers with opcode {opcode}"),
        };
    }

    private static LegacyAnswer ParseReply(byte[] body)
    {
        if ((Int(body, 0) & CursorNotFound) != 0)
        {
            throw new MongoDbRefusal(43, "the cursor is gone");
        }

        // How many there are the server tells too, but what it tells is not what is there.
        var documents = new List<BsonDocument>();
        for (var at = 20; at < body.Length;)
        {
            documents.Add(Document(body, ref at));
        }

        return new LegacyAnswer(documents, BinaryPrimitives.ReadInt64LittleEndian(body.AsSpan(4)));
    }

    private static BsonDocument ParseMessage(byte[] body)
    {
        var at = 5;
        return body[4] == 0 ? Document(body, ref at) : throw new InvalidDataException("the server answers with an unknown kind of section");
    }

    private static BsonDocument Document(byte[] bytes, ref int at)
    {
        var from = at;
        at += Int(bytes, at);
        return BsonSerializer.Deserialize<BsonDocument>(bytes[from..at]);
    }

    private static byte[] Build(int id, int opcode, Action<BinaryWriter> write)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write(0);
        writer.Write(id);
        writer.Write(0);
        writer.Write(opcode);
        write(writer);
        writer.Flush();
        var bytes = buffer.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
        return bytes;
    }

    private static void Write(BinaryWriter writer, string text)
    {
        writer.Write(Encoding.UTF8.GetBytes(text));
        writer.Write((byte)0);
    }

    private static int Int(byte[] bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
}

/// <summary>One message of a server.</summary>
/// <param name="Cursor">Where more can be fetched; 0 where this is all.</param>
internal sealed record LegacyAnswer(IReadOnlyList<BsonDocument> Documents, long Cursor);
