using Akka.Actor;
using Akka.Configuration;

namespace Akka.Serialization;

/// <summary>Turns messages into bytes and back. Thread-safe.</summary>
public abstract class Serializer
{
    /// <summary>The system.</summary>
    protected readonly ExtendedActorSystem system;

    private int? _identifier;

    private protected Serializer(ExtendedActorSystem system) => this.system = system;

    /// <summary>
    /// The serializer's number on the wire; by default the one configured for its type in <c>akka.actor.serialization-identifiers</c>.
    /// </summary>
    /// <exception cref="ConfigurationException">None is configured.</exception>
    public virtual int Identifier => _identifier ??= Serialization.ConfiguredIdentifier(GetType(), system);

    /// <summary>Whether reading needs the manifest, the name of what was written.</summary>
    public abstract bool IncludeManifest { get; }

    /// <summary>The bytes of a message.</summary>
    public abstract byte[] ToBinary(object obj);

    /// <summary>The message of bytes.</summary>
    public abstract object FromBinary(byte[] bytes, Type type);

    /// <summary>The message of bytes.</summary>
    internal T FromBinary<T>(byte[] bytes) => (T)FromBinary(bytes, typeof(T));
}

/// <summary>A serializer that names what it has written by a text of its own, so that classes can be renamed.</summary>
public abstract class SerializerWithStringManifest : Serializer
{
    protected SerializerWithStringManifest(ExtendedActorSystem system)
        : base(system)
    {
    }

    public sealed override bool IncludeManifest => true;

    public sealed override object FromBinary(byte[] bytes, Type type) => FromBinary(bytes, Serialization.TypeManifest(type));

    /// <summary>The message of bytes.</summary>
    public abstract object FromBinary(byte[] bytes, string manifest);

    /// <summary>The name of a message's form.</summary>
    public abstract string Manifest(object o);
}

/// <summary>Bytes as they are.</summary>
public class ByteArraySerializer : Serializer
{
    internal ByteArraySerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) => obj switch
    {
        null => [],
        byte[] bytes => bytes,
        _ => throw new NotSupportedException($"The object to convert is not a byte array but {obj.GetType()}."),
    };

    public override object FromBinary(byte[] bytes, Type type) => bytes;
}

/// <summary>Nothing, for null.</summary>
public class NullSerializer : Serializer
{
    internal NullSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    public override int Identifier => 0;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) => [];

    public override object FromBinary(byte[] bytes, Type type) => null!;
}
