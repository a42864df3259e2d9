using System.Buffers.Binary;
using System.Text;

namespace Akka.Remote.Wire;

/// <summary>The bytes are not what the protocol allows at this place.</summary>
internal sealed class WireFormatException(string message) : FormatException(message);

/// <summary>Reads what <see cref="WireWriter"/> has written. Never reads beyond the end, whatever the bytes are.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _left = bytes;

    /// <summary>Bytes that are left.</summary>
    public readonly int Remaining => _left.Length;

    public byte Byte() => Take(1)[0];

    public bool Bool() => Byte() switch
    {
        0 => false,
        1 => true,
        var other => throw new WireFormatException($"a yes-or-no is {other}"),
    };

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public double Double() => BitConverter.Int64BitsToDouble(Int64());

    /// <summary>Reads a count of 0 or more.</summary>
    public int Count()
    {
        long value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = Byte();
            value |= (long)(next & 0x7F) << shift;
            if ((next & 0x80) == 0)
            {
                return value <= int.MaxValue ? (int)value : throw new WireFormatException($"a count is {value}");
            }
        }

        throw new WireFormatException("a count is longer than five bytes");
    }

    /// <summary>Reads the number of items of a list; each takes at least one byte, so more than are left cannot follow.</summary>
    public int ItemCount()
    {
        var count = Count();
        return count <= _left.Length ? count : throw new WireFormatException($"a list of {count} items in {_left.Length} bytes");
    }

    public string Text()
    {
        var bytes = Bytes();
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException cause)
        {
            throw new WireFormatException($"a text is not UTF-8: {cause.Message}");
        }
    }

    /// <summary>Reads a length and that many bytes.</summary>
    public ReadOnlySpan<byte> Bytes() => Take(Count());

    /// <summary>Reads all that is left.</summary>
    public ReadOnlySpan<byte> Rest() => Take(_left.Length);

    /// <summary>Checks that nothing is left.</summary>
    public readonly void End()
    {
        if (_left.Length > 0)
        {
            throw new WireFormatException($"{_left.Length} bytes too many");
        }
    }

    private ReadOnlySpan<byte> Take(int size)
    {
        if (size > _left.Length)
        {
            throw new WireFormatException($"{size} bytes are announced and {_left.Length} are there");
        }

        var taken = _left[..size];
        _left = _left[size..];
        return taken;
    }
}
