using System.Text;
using Akka.Persistence.Storage;

namespace Akka.Embedded.Tests.Persistence.Storage;

/// <summary>Serializes strings only, so that any other object is one that cannot be serialized.</summary>
internal sealed class TextCodec : IPayloadCodec
{
    public SerializedPayload Serialize(object payload) => payload is string text
        ? new SerializedPayload(7, "text", Encoding.UTF8.GetBytes(text))
        : throw new InvalidOperationException($"No serializer for {payload.GetType().Name}.");

    public object Deserialize(SerializedPayload payload) => payload is { Identifier: 7, Manifest: "text" }
        ? Encoding.UTF8.GetString(payload.Bytes)
        : throw new InvalidOperationException($"No serializer {payload.Identifier} for '{payload.Manifest}'.");
}
