using System.Buffers.Binary;
using Akka.Actor;
using Akka.Serialization;

namespace Orchestrator.Benchmarks.Runtime;

/// <summary>The message and the event that is measured.</summary>
internal sealed record Count(long Value);

/// <summary>Eight bytes for a <see cref="Count"/>, so that the runtime is measured and not a serializer.</summary>
internal sealed class CountSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => 7001;

    /// <summary>Settings that bind the serializer to the message.</summary>
    public static string Binding => $$"""
        akka.actor {
          serializers.count = "{{typeof(CountSerializer).AssemblyQualifiedName}}"
          serialization-bindings { "{{typeof(Count).AssemblyQualifiedName}}" = count }
        }
        """;

    public override string Manifest(object o) => "count";

    public override byte[] ToBinary(object obj)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, ((Count)obj).Value);
        return bytes;
    }

    public override object FromBinary(byte[] bytes, string manifest) => new Count(BinaryPrimitives.ReadInt64LittleEndian(bytes));
}
