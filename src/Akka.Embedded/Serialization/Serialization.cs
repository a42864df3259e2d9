using System.Collections.Concurrent;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Util;

namespace Akka.Serialization;

/// <summary>
/// The serializers of a system, from <c>akka.actor.serializers</c>, <c>serialization-bindings</c> and <c>serialization-identifiers</c>.
/// A type without a binding cannot be serialized; there is no fallback that looks into objects.
/// </summary>
public class Serialization
{
    [ThreadStatic]
    private static Address? _transportAddress;

    private readonly Lock _lock = new();
    private readonly NullSerializer _null;
    private readonly Dictionary<int, Serializer> _byId = [];
    private readonly Dictionary<string, Serializer> _byName = [];
    private readonly List<(Type Type, Serializer Serializer)> _bindings = [];
    private readonly ConcurrentDictionary<Type, Serializer> _cache = new();

    /// <exception cref="ConfigurationException">A serializer or a bound type does not exist, or two have the same number.</exception>
    internal Serialization(ExtendedActorSystem system)
    {
        System = system;
        _null = new NullSerializer(system);
        _byId.Add(_null.Identifier, _null);
        var config = system.Settings.Config;
        foreach (var (name, typeName) in Fields(config, "akka.actor.serializers"))
        {
            var key = $"akka.actor.serializers.{name}";
            var settings = config.GetConfig($"akka.actor.serialization-settings.{name}") ?? Config.Empty;
            AddSerializer(name, TypeNames.Create<Serializer>(key, typeName, [system], [system, settings]));
        }

        foreach (var (typeName, name) in Fields(config, "akka.actor.serialization-bindings"))
        {
            AddBinding(typeName, name);
        }
    }

    /// <summary>The system.</summary>
    internal ExtendedActorSystem System { get; }

    /// <summary>The manifest to send along with a message; empty when reading needs none.</summary>
    public static string ManifestFor(Serializer s, object msg) => s switch
    {
        SerializerWithStringManifest withManifest => withManifest.Manifest(msg),
        { IncludeManifest: true } => TypeManifest(msg.GetType()),
        _ => "",
    };

    /// <summary>
    /// A ref as text, with the address that others reach it at, which <see cref="DeserializeActorRef"/> or <c>Provider.ResolveActorRef</c> turn back.
    /// Empty for no ref.
    /// </summary>
    public static string SerializedActorPath(IActorRef? actorRef)
    {
        if (actorRef is null)
        {
            return "";
        }

        var address = _transportAddress ?? (actorRef is IInternalActorRef { IsLocal: true } and not Nobody ? AddressOf(actorRef) : null);
        return address is null ? actorRef.Path.ToSerializationFormat() : actorRef.Path.ToSerializationFormatWithAddress(address);
    }

    /// <summary>Runs an action in which <see cref="SerializedActorPath"/> uses the system's address.</summary>
    internal static T WithTransport<T>(ExtendedActorSystem system, Func<T> action)
    {
        var before = _transportAddress;
        _transportAddress = system.Provider.DefaultAddress;
        try
        {
            return action();
        }
        finally
        {
            _transportAddress = before;
        }
    }

    /// <summary>Adds a serializer under a name for the configuration.</summary>
    /// <exception cref="ConfigurationException">Another serializer has its number.</exception>
    internal void AddSerializer(string name, Serializer serializer)
    {
        lock (_lock)
        {
            if (_byId.TryGetValue(serializer.Identifier, out var other) && other.GetType() != serializer.GetType())
            {
                throw new ConfigurationException(
                    $"The serializers {other.GetType()} and {serializer.GetType()} both have the identifier {serializer.Identifier}.");
            }

            _byId[serializer.Identifier] = serializer;
            _byName[name] = serializer;
        }
    }

    /// <summary>Binds a class or interface, and what is derived from it, to a serializer.</summary>
    public void AddSerializationMap(Type type, Serializer serializer)
    {
        lock (_lock)
        {
            _byId.TryAdd(serializer.Identifier, serializer);
            _bindings.RemoveAll(binding => binding.Type == type);
            _bindings.Add((type, serializer));
            _cache.Clear();
        }
    }

    /// <summary>The bytes of a message, by its type's serializer.</summary>
    /// <exception cref="SerializationException">The type has no serializer.</exception>
    public byte[] Serialize(object? o) => WithTransport(System, () => FindSerializerFor(o).ToBinary(o!));

    /// <summary>The message of bytes.</summary>
    /// <exception cref="SerializationException">No serializer has this number.</exception>
    public object Deserialize(byte[] bytes, int serializerId, string manifest)
    {
        var serializer = ById(serializerId);
        if (serializer is SerializerWithStringManifest withManifest)
        {
            return withManifest.FromBinary(bytes, manifest);
        }

        if (string.IsNullOrEmpty(manifest))
        {
            return serializer.FromBinary(bytes, null!);
        }

        // Only bound types are made from a name that came over the wire.
        var type = BoundType(manifest) ?? throw new SerializationException(
            $"Cannot find manifest class [{manifest}] for serializer with id [{serializerId}]: it has no serialization binding.");
        return serializer.FromBinary(bytes, type);
    }

    /// <summary>The message of bytes.</summary>
    /// <exception cref="SerializationException">No serializer has this number.</exception>
    internal object Deserialize(byte[] bytes, int serializerId, Type? type) => ById(serializerId).FromBinary(bytes, type!);

    /// <summary>The ref of a text made by <see cref="SerializedActorPath"/>.</summary>
    public IActorRef DeserializeActorRef(string path) => System.Provider.ResolveActorRef(path);

    /// <summary>The serializer of an object.</summary>
    /// <exception cref="SerializationException">Its type has none.</exception>
    public Serializer FindSerializerFor(object? obj, string? defaultSerializerName = null) =>
        obj is null ? _null : FindSerializerForType(obj.GetType(), defaultSerializerName);

    /// <summary>The serializer of a type: of the binding to it or its nearest base or interface.</summary>
    /// <exception cref="SerializationException">There is none.</exception>
    internal Serializer FindSerializerForType(Type objectType, string? defaultSerializerName = null)
    {
        if (_cache.TryGetValue(objectType, out var known))
        {
            return known;
        }

        lock (_lock)
        {
            (Type Type, Serializer Serializer)? best = null;
            foreach (var binding in _bindings)
            {
                if (binding.Type.IsAssignableFrom(objectType) && (best is null || best.Value.Type.IsAssignableFrom(binding.Type)))
                {
                    best = binding;
                }
            }

            if (best is not null)
            {
                return _cache[objectType] = best.Value.Serializer;
            }

            return defaultSerializerName is not null && _byName.TryGetValue(defaultSerializerName, out var named) ? named
                : throw new SerializationException(
                    $"No serializer is bound to [{objectType}]. Add its type, or an interface that it implements, to akka.actor.serialization-bindings.");
        }
    }

    internal static string TypeManifest(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";

    internal static int ConfiguredIdentifier(Type type, ExtendedActorSystem system)
    {
        var own = TypeManifest(type);
        foreach (var (name, _) in Fields(system.Settings.Config, "akka.actor.serialization-identifiers"))
        {
            if (name == own || name == type.FullName || name.Split(',')[0].Trim() == type.FullName)
            {
                return system.Settings.Config.GetConfig("akka.actor.serialization-identifiers")!.GetInt($"\"{name}\"");
            }
        }

        throw new ConfigurationException($"{type} has no number: override Identifier, or add \"{own}\" to akka.actor.serialization-identifiers.");
    }

    private static Address? AddressOf(IActorRef actor) => ((IInternalActorRef)actor).Provider.DefaultAddress;

    private static IEnumerable<KeyValuePair<string, string>> Fields(Config config, string path) => config.GetConfig(path)?.TextFields() ?? [];

    private void AddBinding(string typeName, string name)
    {
        Type type;
        try
        {
            type = TypeNames.Find(typeName);
        }
        catch (TypeLoadException cause)
        {
            throw new ConfigurationException($"akka.actor.serialization-bindings: {cause.Message}", cause);
        }

        if (!_byName.TryGetValue(name, out var serializer))
        {
            throw new ConfigurationException(
                $"akka.actor.serialization-bindings binds {typeName} to '{name}', which is not among akka.actor.serializers.");
        }

        _bindings.Add((type, serializer));
    }

    private Serializer ById(int serializerId)
    {
        lock (_lock)
        {
            return _byId.TryGetValue(serializerId, out var serializer) ? serializer
                : throw new SerializationException($"Cannot find serializer with id [{serializerId}]. It is not among akka.actor.serializers.");
        }
    }

    private Type? BoundType(string manifest)
    {
        var name = manifest.Split(',')[0].Trim();
        lock (_lock)
        {
            return _bindings.Select(binding => binding.Type).FirstOrDefault(type => type.FullName == name)
                ?? _cache.Keys.FirstOrDefault(type => type.FullName == name);
        }
    }
}
