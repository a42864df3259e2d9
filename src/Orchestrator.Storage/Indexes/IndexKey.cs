using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Storage.Indexes;

/// <summary>
/// A scalar JSON value as it is ordered in an index: null, then false, true, then numbers by value, then strings by
/// their UTF-8 bytes. Two values have the same encoding exactly if they are equal (1 and 1.0 are). Numbers are compared as
/// IEEE doubles, integers of 64 bits exactly. All numbers beyond a double's range are equal: below or above every other one.
/// </summary>
public sealed class IndexKey : IEquatable<IndexKey>, IComparable<IndexKey>
{
    private const byte NullTag = 1;
    private const byte FalseTag = 2;
    private const byte TrueTag = 3;
    private const byte NumberTag = 4;
    private const byte StringTag = 5;

    // JSON has no infinity; this number is read as one.
    private const string BeyondRange = "1e999";

    private readonly byte[] encoded;

    private IndexKey(byte[] encoded)
    {
        this.encoded = encoded;
    }

    public static IndexKey Null { get; } = new([NullTag]);

    public static IndexKey False { get; } = new([FalseTag]);

    public static IndexKey True { get; } = new([TrueTag]);

    internal byte[] Encoded => encoded;

    public static IndexKey FromString(string value) => new([StringTag, .. Encoding.UTF8.GetBytes(value)]);

    /// <exception cref="ArgumentException">Not a number.</exception>
    public static IndexKey FromNumber(double value) =>
        double.IsNaN(value) ? throw new ArgumentException("Not a number.", nameof(value)) : EncodeNumber(value, 0);

    public static IndexKey FromNumber(long value) => EncodeInteger(value);

    /// <summary>
    /// Reads a key as a person types it: a JSON null, boolean, number or quoted string is that value, anything else is
    /// a string as it stands. (A string that looks like a number must be quoted.)
    /// </summary>
    public static IndexKey FromText(string text)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
            if (reader.Read() && FromToken(ref reader) is { } key && !reader.Read())
            {
                return key;
            }
        }
        catch (JsonException)
        {
            // Not JSON: a bare string.
        }

        return FromString(text);
    }

    /// <summary>The value as JSON.</summary>
    public override string ToString() => encoded[0] switch
    {
        NullTag => "null",
        FalseTag => "false",
        TrueTag => "true",
        NumberTag => NumberText(),
        _ => JsonSerializer.Serialize(Encoding.UTF8.GetString(encoded, 1, encoded.Length - 1)),
    };

    public int CompareTo(IndexKey? other) => other is null ? 1 : encoded.AsSpan().SequenceCompareTo(other.encoded);

    public bool Equals(IndexKey? other) => other is not null && encoded.AsSpan().SequenceEqual(other.encoded);

    public override bool Equals(object? obj) => Equals(obj as IndexKey);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(encoded);
        return hash.ToHashCode();
    }

    internal static IndexKey FromEncoded(byte[] encoded) => new(encoded);

    /// <summary>The key for the token that the reader is on, or null if it is not a scalar.</summary>
    internal static IndexKey? FromToken(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return Null;
            case JsonTokenType.False:
                return False;
            case JsonTokenType.True:
                return True;
            case JsonTokenType.String:
                return FromUnescaped(ref reader);
            case JsonTokenType.Number:
                if (reader.TryGetInt64(out var integer))
                {
                    return EncodeInteger(integer);
                }

                return reader.TryGetUInt64(out var unsigned) ? EncodeInteger(unsigned) : EncodeNumber(reader.GetDouble(), 0);
            default:
                return null;
        }
    }

    private static IndexKey FromUnescaped(ref Utf8JsonReader reader)
    {
        // CopyString never needs more than the escaped length; a lone surrogate escape makes it throw.
        var buffer = new byte[1 + reader.ValueSpan.Length];
        buffer[0] = StringTag;
        try
        {
            var length = reader.CopyString(buffer.AsSpan(1));
            return new IndexKey(buffer[..(1 + length)]);
        }
        catch (InvalidOperationException)
        {
            return new IndexKey([StringTag, .. reader.ValueSpan]);
        }
    }

    private static IndexKey EncodeInteger(Int128 value)
    {
        // A double holds integers up to 2^53 exactly. Above, what it lacks goes into the residual, so that two
        // integers never share an encoding.
        var nearest = (double)value;
        return EncodeNumber(nearest, (long)(value - (Int128)nearest));
    }

    /// <summary>
    /// Sortable bits of the double, then the residual: below, at, or above the double. Byte order is numeric order.
    /// </summary>
    private static IndexKey EncodeNumber(double value, long residual)
    {
        var bits = BitConverter.DoubleToInt64Bits(value == 0 ? 0.0 : value);
        var sortable = bits < 0 ? ~(ulong)bits : (ulong)bits | 0x8000_0000_0000_0000;
        var bytes = new byte[residual == 0 ? 10 : 18];
        bytes[0] = NumberTag;
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(1), sortable);
        bytes[9] = (byte)(1 + Math.Sign(residual));
        if (residual != 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(10), (ulong)residual ^ 0x8000_0000_0000_0000);
        }

        return new IndexKey(bytes);
    }

    private string NumberText()
    {
        var sortable = BinaryPrimitives.ReadUInt64BigEndian(encoded.AsSpan(1));
        var bits = (sortable & 0x8000_0000_0000_0000) != 0 ? sortable ^ 0x8000_0000_0000_0000 : ~sortable;
        var value = BitConverter.Int64BitsToDouble((long)bits);
        if (encoded.Length > 10)
        {
            var residual = (long)(BinaryPrimitives.ReadUInt64BigEndian(encoded.AsSpan(10)) ^ 0x8000_0000_0000_0000);
            return ((Int128)value + residual).ToString(CultureInfo.InvariantCulture);
        }

        return double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : value > 0 ? BeyondRange : "-" + BeyondRange;
    }
}
