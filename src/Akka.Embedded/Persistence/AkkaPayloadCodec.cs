using Akka.Actor;
using Akka.Persistence.Storage;
using Akka.Serialization;

namespace Akka.Persistence;

/// <summary>Serializes events and snapshots with the serializers that the actor system binds to their types.</summary>
internal sealed class AkkaPayloadCodec(ExtendedActorSystem system) : IPayloadCodec
{
    public SerializedPayload Serialize(object payload)
    {
        var serializer = system.Serialization.FindSerializerFor(payload);
        var manifest = Akka.Serialization.Serialization.ManifestFor(serializer, payload);
        return new SerializedPayload(serializer.Identifier, manifest, serializer.ToBinary(payload));
    }

    public object Deserialize(SerializedPayload payload) =>
        system.Serialization.Deserialize(payload.Bytes, payload.Identifier, payload.Manifest);
}
