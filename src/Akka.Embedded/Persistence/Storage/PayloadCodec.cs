namespace Akka.Persistence.Storage;

/// <summary>An object in the form in which it is stored: identifier of its serializer, manifest, bytes.</summary>
internal sealed record SerializedPayload(int Identifier, string Manifest, byte[] Bytes);

/// <summary>Turns events and snapshots into bytes and back. Safe for use from several threads.</summary>
internal interface IPayloadCodec
{
    /// <summary>Throws when the object's type has no serializer or the serializer fails.</summary>
    SerializedPayload Serialize(object payload);

    /// <summary>Throws when the serializer is not known or cannot read the bytes.</summary>
    object Deserialize(SerializedPayload payload);
}
