using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Serialization;

namespace Orchestrator.Actors.Serialization;

/// <summary>
/// Writes and reads every message that crosses the wire or the journal as JSON under a short manifest. A type without a
/// manifest is an error.
/// </summary>
public sealed class OrchestratorSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    // The generated readers set an init property that the bytes lack to null or 0: bytes of an older version would then not
    // have the value that the property's initialiser gives. The readers by reflection leave it alone (dotnet/runtime issue 58770).
    private static readonly JsonSerializerOptions Reading = new(OrchestratorJson.Default.Options)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter() },
    };

    /// <inheritdoc/>
    public override int Identifier => OrchestratorSerialization.Identifier;

    /// <inheritdoc/>
    /// <exception cref="SerializationException">The type has no manifest.</exception>
    public override string Manifest(object o) => MessageManifests.ByType.TryGetValue(o.GetType(), out var manifest) ? manifest : throw NoManifest(o);

    /// <inheritdoc/>
    /// <exception cref="SerializationException">The type has no manifest.</exception>
    public override byte[] ToBinary(object obj) => MessageManifests.ByType.ContainsKey(obj.GetType())
        ? JsonSerializer.SerializeToUtf8Bytes(obj, obj.GetType(), OrchestratorJson.Default)
        : throw NoManifest(obj);

    /// <inheritdoc/>
    /// <exception cref="SerializationException">The manifest is unknown or the bytes are not of its shape.</exception>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        if (!MessageManifests.ByManifest.TryGetValue(manifest, out var type))
        {
            throw new SerializationException(
                $"The manifest '{manifest}' is unknown to this version; it was written by a newer one or by something else.");
        }

        try
        {
            return JsonSerializer.Deserialize(bytes, type, Reading)
                ?? throw new SerializationException($"A message '{manifest}' must not be null.");
        }
        catch (JsonException e)
        {
            throw new SerializationException($"A message '{manifest}' cannot be read: {e.Message}", e);
        }
    }

    private static SerializationException NoManifest(object message) =>
        new($"{message.GetType()} has no manifest in {nameof(MessageManifests)}: it cannot cross the wire or the journal.");
}
