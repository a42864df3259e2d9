using Akka.Actor;

namespace Akka.Remote.Wire;

/// <summary>First byte of a frame's body.</summary>
internal enum FrameKind : byte
{
    /// <summary>A message to an actor.</summary>
    Message = 1,

    /// <summary>A message of the runtime to an actor: watch, unwatch, end.</summary>
    System = 2,

    /// <summary>"Are you there?"</summary>
    Ping = 3,

    /// <summary>"I am", with the ping's number.</summary>
    Pong = 4,

    /// <summary>The connecting side introduces itself; first frame of every connection.</summary>
    Hello = 0x48,

    /// <summary>The accepting side's answer.</summary>
    HelloReply = 0x52,
}

/// <summary>Who connects, and whom it wants to talk to.</summary>
internal sealed record Hello(Address From, int Uid, Address To)
{
    /// <summary>Tells this protocol from anything else that may knock.</summary>
    private const long Magic = 0x3130_4445_424D_4B41; // "AKMBED01"

    /// <summary>Largest body of a frame of the handshake in bytes.</summary>
    public const int MaximumSize = 4096;

    public void Write(WireWriter writer)
    {
        writer.Byte((byte)FrameKind.Hello);
        writer.Int64(Magic);
        writer.Text(From.ToString());
        writer.Int32(Uid);
        writer.Text(To.ToString());
    }

    /// <exception cref="WireFormatException">The bytes are no greeting.</exception>
    public static Hello Read(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        if (reader.Byte() != (byte)FrameKind.Hello || reader.Int64() != Magic)
        {
            throw new WireFormatException("the peer does not speak this protocol");
        }

        var hello = new Hello(WireAddress.Parse(reader.Text()), reader.Int32(), WireAddress.Parse(reader.Text()));
        reader.End();
        return hello;
    }
}

/// <summary>The accepting side's answer: who it is, or why it refuses (empty: it does not).</summary>
internal sealed record HelloReply(Address From, int Uid, string Refusal)
{
    public void Write(WireWriter writer)
    {
        writer.Byte((byte)FrameKind.HelloReply);
        writer.Text(From.ToString());
        writer.Int32(Uid);
        writer.Text(Refusal);
    }

    /// <exception cref="WireFormatException">The bytes are no answer to a greeting.</exception>
    public static HelloReply Read(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        if (reader.Byte() != (byte)FrameKind.HelloReply)
        {
            throw new WireFormatException("the peer does not speak this protocol");
        }

        var reply = new HelloReply(WireAddress.Parse(reader.Text()), reader.Int32(), reader.Text());
        reader.End();
        return reply;
    }
}

internal static class WireAddress
{
    /// <exception cref="WireFormatException">The text is no address.</exception>
    public static Address Parse(string text) => Address.TryParse(text, out var address) && address is { HasGlobalScope: true, Port: not null }
        ? address
        : throw new WireFormatException("an address is not of the form akka.tcp://system@host:port");
}
