using System.Buffers;
using Akka.Actor;
using Akka.Remote.Wire;

namespace Akka.Embedded.Tests.Remote;

public class FrameCodecTests
{
    [Fact]
    public void Frames_come_out_whole_wherever_the_bytes_are_cut()
    {
        var bytes = Frames([1], [2, 2], [3, 3, 3]);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var read = new List<byte[]>();
            var left = Read(bytes.AsMemory(0, cut), read);
            Read(left.ToArray().Concat(bytes.Skip(cut)).ToArray(), read);
            Assert.Equal([[1], [2, 2], [3, 3, 3]], read);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(101)]
    public void A_length_that_is_not_positive_or_above_the_maximum_is_refused(int length)
    {
        var buffer = new ReadOnlySequence<byte>(BitConverter.GetBytes(length));
        Assert.Throws<WireFormatException>(() => FrameCodec.TryRead(ref buffer, 100, out _));
    }

    [Fact]
    public void A_handshake_reads_what_was_written()
    {
        var hello = new Hello(new Address("akka.tcp", "a", "127.0.0.1", 1), 42, new Address("akka.tcp", "b", "host", 65535));
        var reply = new HelloReply(new Address("akka.tcp", "a", "127.0.0.1", 1), -7, "no");
        Assert.Equal(hello, Hello.Read(Written(hello.Write)));
        Assert.Equal(reply, HelloReply.Read(Written(reply.Write)));
    }

    [Theory]
    [InlineData("akka://local")]
    [InlineData("nonsense")]
    [InlineData("")]
    public void An_address_that_nobody_can_be_reached_at_is_refused(string text) =>
        Assert.Throws<WireFormatException>(() => WireAddress.Parse(text));

    [Fact]
    public void Any_bytes_are_read_or_refused_and_nothing_else()
    {
        var hello = Written(new Hello(new Address("akka.tcp", "a", "127.0.0.1", 1), 42, new Address("akka.tcp", "b", "host", 2)).Write);
        for (var seed = 0; seed < 5_000; seed++)
        {
            var random = new Random(seed);
            var bytes = Damaged(hello, random);
            try
            {
                Hello.Read(bytes);
            }
            catch (WireFormatException)
            {
                // Refused, as it should be.
            }
            catch (Exception cause)
            {
                Assert.Fail($"seed {seed}: {cause}");
            }
        }
    }

    [Fact]
    public void Numbers_and_texts_come_back_as_they_were()
    {
        var writer = new WireWriter();
        int[] counts = [0, 1, 127, 128, 16_383, 16_384, int.MaxValue];
        foreach (var count in counts)
        {
            writer.Count(count);
        }

        writer.Text("Grüße, 世界");
        writer.Int64(long.MinValue);
        writer.Double(0.1);
        writer.Bool(true);
        writer.Bytes([1, 2, 3]);
        var reader = new WireReader(writer.Written.Span);
        foreach (var count in counts)
        {
            Assert.Equal(count, reader.Count());
        }

        Assert.Equal("Grüße, 世界", reader.Text());
        Assert.Equal(long.MinValue, reader.Int64());
        Assert.Equal(0.1, reader.Double());
        Assert.True(reader.Bool());
        Assert.Equal([1, 2, 3], reader.Bytes().ToArray());
        reader.End();
    }

    /// <summary>The bytes with some changed, cut off or added.</summary>
    internal static byte[] Damaged(byte[] bytes, Random random)
    {
        var result = bytes.ToList();
        for (var left = random.Next(4); left > 0 && result.Count > 0; left--)
        {
            result[random.Next(result.Count)] = (byte)random.Next(256);
        }

        if (random.Next(3) == 0)
        {
            result.RemoveRange(random.Next(result.Count), 1);
        }

        return [.. result.Take(random.Next(4) == 0 ? random.Next(result.Count) : result.Count)];
    }

    private static byte[] Frames(params byte[][] bodies)
    {
        var writer = new WireWriter();
        foreach (var body in bodies)
        {
            var start = FrameCodec.Begin(writer);
            writer.Raw(body);
            FrameCodec.End(writer, start);
        }

        return writer.ToArray();
    }

    private static ReadOnlyMemory<byte> Read(ReadOnlyMemory<byte> bytes, List<byte[]> into)
    {
        var buffer = new ReadOnlySequence<byte>(bytes);
        while (FrameCodec.TryRead(ref buffer, 100, out var body))
        {
            into.Add(body.ToArray());
        }

        return buffer.ToArray();
    }

    private static byte[] Written(Action<WireWriter> write)
    {
        var writer = new WireWriter();
        write(writer);
        return writer.ToArray();
    }
}
