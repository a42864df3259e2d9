using System.Buffers;
using System.Buffers.Binary;

namespace Akka.Remote.Wire;

/// <summary>A frame on the wire: the length of its body in four bytes, little-endian, then the body.</summary>
internal static class FrameCodec
{
    /// <summary>Size of the length in bytes.</summary>
    public const int PrefixSize = 4;

    /// <summary>Starts a frame; <see cref="End"/> completes it.</summary>
    /// <returns>Where the frame starts.</returns>
    public static int Begin(WireWriter writer)
    {
        var start = writer.Length;
        writer.Int32(0);
        return start;
    }

    /// <summary>Writes the length of the frame that starts at the position.</summary>
    /// <returns>Size of the body in bytes.</returns>
    public static int End(WireWriter writer, int start)
    {
        var size = writer.Length - start - PrefixSize;
        writer.PatchInt32(start, size);
        return size;
    }

    /// <summary>Cuts the next whole frame's body off the buffer.</summary>
    /// <param name="buffer">What has arrived; the frame is removed from it.</param>
    /// <param name="maximumSize">Largest body in bytes.</param>
    /// <param name="body">The body.</param>
    /// <returns>False when the frame has not arrived completely.</returns>
    /// <exception cref="WireFormatException">The length is not positive or above the maximum.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int maximumSize, out ReadOnlySequence<byte> body)
    {
        body = default;
        if (buffer.Length < PrefixSize)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[PrefixSize];
        buffer.Slice(0, PrefixSize).CopyTo(prefix);
        var size = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (size <= 0 || size > maximumSize)
        {
            throw new WireFormatException($"a frame announces {size} bytes; 1 to {maximumSize} are allowed");
        }

        if (buffer.Length < PrefixSize + size)
        {
            return false;
        }

        body = buffer.Slice(PrefixSize, size);
        buffer = buffer.Slice(PrefixSize + size);
        return true;
    }
}
