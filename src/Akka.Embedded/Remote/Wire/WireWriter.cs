using System.Buffers.Binary;
using System.Text;

namespace Akka.Remote.Wire;

/// <summary>
/// Builds bytes in one growing buffer. Numbers are little-endian; a count is a varint (7 bits a byte, the lowest first);
/// a text is its length in bytes as a count, then UTF-8.
/// </summary>
internal sealed class WireWriter
{
    private const int KeepAtMost = 1 << 20;

    private byte[] _buffer = new byte[1024];

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    /// <summary>The written bytes as an array of their own.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Forgets what was written; gives back a buffer that one big message has blown up.</summary>
    public void Clear()
    {
        Length = 0;
        if (_buffer.Length > KeepAtMost)
        {
            _buffer = new byte[1024];
        }
    }

    /// <summary>Takes back what was written after the position.</summary>
    public void Truncate(int length) => Length = length;

    public void Byte(byte value)
    {
        Reserve(1)[0] = value;
        Length++;
    }

    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), value);
        Length += 4;
    }

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);
        Length += 8;
    }

    public void Double(double value) => Int64(BitConverter.DoubleToInt64Bits(value));

    /// <summary>Writes a number over earlier bytes.</summary>
    public void PatchInt32(int position, int value) => BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(position, 4), value);

    /// <summary>Writes a count of 0 or more.</summary>
    public void Count(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        var left = (uint)value;
        while (left >= 0x80)
        {
            Byte((byte)(left | 0x80));
            left >>= 7;
        }

        Byte((byte)left);
    }

    public void Text(string value)
    {
        var size = Encoding.UTF8.GetByteCount(value);
        Count(size);
        Encoding.UTF8.GetBytes(value, Reserve(size));
        Length += size;
    }

    /// <summary>Writes bytes without their length.</summary>
    public void Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Reserve(value.Length));
        Length += value.Length;
    }

    /// <summary>Writes a length and bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Count(value.Length);
        Raw(value);
    }

    private Span<byte> Reserve(int size)
    {
        if (_buffer.Length - Length < size)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, checked(Length + size)));
        }

        return _buffer.AsSpan(Length, size);
    }
}
