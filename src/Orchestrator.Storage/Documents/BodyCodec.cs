using System.Buffers;
using System.IO.Compression;

namespace Orchestrator.Storage.Documents;

/// <summary>
/// The <c>codec</c> of a row with its body. 0 is the body as it was given. Else the lowest four bits say how it is
/// compressed and the bits above how many bytes it has when it is not: sizes can so be summed up without reading bodies.
/// </summary>
internal static class BodyCodec
{
    /// <summary>Bodies as they were given.</summary>
    public const long Plain = 0;

    /// <summary>What <see cref="DecodedBytes"/> gives, from the columns <c>codec</c> and <c>body</c>.</summary>
    public const string DecodedBytesSql = "CASE codec WHEN 0 THEN octet_length(body) ELSE codec >> 4 END";

    /// <summary>Shorter ones gain less than a page's fragmentation.</summary>
    private const int MinBytes = 128;

    private const int KindBits = 4;
    private const long KindMask = (1 << KindBits) - 1;
    private const long BrotliKind = 1;
    private const long DeflateKind = 2;
    private const int BrotliWindow = 18;

    /// <summary>Bytes of a body when it is not compressed.</summary>
    public static long DecodedBytes(long codec, long storedBytes) => codec == Plain ? storedBytes : codec >> KindBits;

    /// <summary>A body as it is to be stored; plain if it would not get shorter by an eighth at least.</summary>
    public static (long Codec, byte[] Bytes) Encode(ReadOnlyMemory<byte> body, CompressionSetting setting)
    {
        if (setting.Codec == CompressionCodec.None || body.Length < MinBytes)
        {
            return (Plain, Whole(body));
        }

        var most = body.Length - (body.Length / 8);
        var buffer = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            var written = setting.Codec == CompressionCodec.Brotli
                ? Brotli(body.Span, buffer.AsSpan(0, most), setting.Level)
                : Deflate(body.Span, buffer, most, setting.Level);
            var kind = setting.Codec == CompressionCodec.Brotli ? BrotliKind : DeflateKind;
            return written == 0
                ? (Plain, Whole(body))
                : (((long)body.Length << KindBits) | kind, buffer.AsSpan(0, written).ToArray());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A stored body as it was given.</summary>
    /// <exception cref="StorageException">The codec is not known, or the bytes are not what it says.</exception>
    public static byte[] Decode(long codec, byte[] stored)
    {
        if (codec == Plain)
        {
            return stored;
        }

        var length = codec >> KindBits;
        if (length is < 0 or > DocumentRules.MaxBodyBytes)
        {
            throw new StorageException($"A document is stored with codec {codec}, which gives it {length} bytes.");
        }

        var body = new byte[length];
        var whole = (codec & KindMask) switch
        {
            BrotliKind => BrotliDecoder.TryDecompress(stored, body, out var written) && written == length,
            DeflateKind => Inflate(stored, body),
            _ => throw new StorageException($"A document is stored with codec {codec & KindMask}, which this version does not know."),
        };
        return whole ? body : throw new StorageException($"A compressed document does not give the {length} bytes that it should have.");
    }

    private static int Brotli(ReadOnlySpan<byte> body, Span<byte> into, int level) =>
        BrotliEncoder.TryCompress(body, into, out var written, level, BrotliWindow) ? written : 0;

    private static int Deflate(ReadOnlySpan<byte> body, byte[] into, int most, int level)
    {
        // Not expandable: what does not fit is not worth storing compressed.
        using var target = new MemoryStream(into, 0, most);
        try
        {
            using (var deflate = new DeflateStream(target, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true))
            {
                deflate.Write(body);
            }

            return (int)target.Position;
        }
        catch (NotSupportedException)
        {
            return 0;
        }
    }

    private static bool Inflate(byte[] stored, byte[] body)
    {
        try
        {
            using var inflate = new DeflateStream(new MemoryStream(stored), CompressionMode.Decompress);
            return inflate.ReadAtLeast(body, body.Length, throwOnEndOfStream: false) == body.Length && inflate.ReadByte() < 0;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static byte[] Whole(ReadOnlyMemory<byte> body) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(body, out var segment) && segment.Count == segment.Array!.Length
            ? segment.Array
            : body.ToArray();
}
