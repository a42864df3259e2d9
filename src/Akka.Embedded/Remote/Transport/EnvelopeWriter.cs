using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;
using Akka.Remote.Wire;
using AkkaSerialization = Akka.Serialization.Serialization;

namespace Akka.Remote.Transport;

/// <summary>
/// Turns messages into frames: recipient, sender, serializer number, manifest, payload. Belongs to one association.
/// </summary>
internal sealed class EnvelopeWriter(RemoteActorRefProvider provider, ILoggingAdapter log)
{
    private const int CacheLimit = 1_000;

    private readonly Dictionary<IActorRef, string> _senders = [];

    /// <summary>
    /// Adds the message's frame. A message that has no serializer, or is too large, is left out and logged: it must not
    /// keep the others from going.
    /// </summary>
    public void Append(WireWriter writer, Outbound message)
    {
        var start = writer.Length;
        try
        {
            FrameCodec.Begin(writer);
            Write(writer, message);
            var size = FrameCodec.End(writer, start);
            var maximum = provider.RemoteSettings.MaximumFrameSize;
            if (size > maximum)
            {
                writer.Truncate(start);
                log.Error(
                    "Discarding oversized payload sent to {0}: max allowed size {1} bytes, actual size of encoded {2} was {3} bytes",
                    message.Recipient.Path, maximum, TypeOf(message.Message), size);
            }
        }
        catch (SerializationException cause)
        {
            writer.Truncate(start);
            log.Error("Message of type {0} to {1} was not sent: {2}", TypeOf(message.Message), message.Recipient.Path, cause.Message);
        }
        catch (Exception cause)
        {
            writer.Truncate(start);
            log.Error(cause, "Message of type {0} to {1} was not sent: its serializer failed", TypeOf(message.Message), message.Recipient.Path);
        }
    }

    private static Type TypeOf(object message) => message is ActorSelectionMessage selection ? selection.Message.GetType() : message.GetType();

    private void Write(WireWriter writer, Outbound message)
    {
        var system = provider.System;
        var serializer = system.Serialization.FindSerializerFor(message.Message);
        writer.Byte((byte)(message.Message is ISystemMessage ? FrameKind.System : FrameKind.Message));
        writer.Text(message.Recipient.WirePath);
        writer.Text(SenderPath(message.Sender));
        writer.Int32(serializer.Identifier);
        writer.Text(AkkaSerialization.ManifestFor(serializer, message.Message));
        writer.Raw(AkkaSerialization.WithTransport(system, () => serializer.ToBinary(message.Message)));
    }

    /// <summary>Empty for no sender; names and uid for one of this system, with address for any other.</summary>
    private string SenderPath(IActorRef? sender)
    {
        switch (sender)
        {
            case null or Nobody:
                return "";
            case ITempActorRef:
                return AkkaSerialization.SerializedActorPath(sender);
        }

        if (ReferenceEquals(sender, provider.DeadLetters))
        {
            return "";
        }

        if (!_senders.TryGetValue(sender, out var path))
        {
            if (_senders.Count >= CacheLimit)
            {
                _senders.Clear();
            }

            path = AkkaSerialization.SerializedActorPath(sender);
            _senders.Add(sender, path);
        }

        return path;
    }
}
