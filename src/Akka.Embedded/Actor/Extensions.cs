using System.Collections.Concurrent;

namespace Akka.Actor;

/// <summary>A part that every system has one of.</summary>
public interface IExtension;

/// <summary>Makes and finds a system's extension.</summary>
public interface IExtensionId
{
    /// <summary>Class of the extension.</summary>
    Type ExtensionType { get; }

    /// <summary>The system's extension, made when it is not there yet.</summary>
    object Apply(ActorSystem system);

    /// <summary>The system's extension, made when it is not there yet.</summary>
    object Get(ActorSystem system);

    /// <summary>Makes the extension; called once for each system.</summary>
    object CreateExtension(ExtendedActorSystem system);
}

/// <summary>Makes and finds a system's extension of a known class.</summary>
public interface IExtensionId<out T> : IExtensionId
    where T : IExtension
{
    /// <summary>The system's extension, made when it is not there yet.</summary>
    new T Apply(ActorSystem system);

    /// <summary>The system's extension, made when it is not there yet.</summary>
    new T Get(ActorSystem system);

    /// <summary>Makes the extension; called once for each system.</summary>
    new T CreateExtension(ExtendedActorSystem system);
}

/// <summary>Base of extension ids. All ids of one class stand for the same extension.</summary>
public abstract class ExtensionIdProvider<T> : IExtensionId<T>
    where T : IExtension
{
    protected ExtensionIdProvider()
    {
    }

    /// <inheritdoc/>
    public Type ExtensionType => typeof(T);

    /// <inheritdoc/>
    public T Apply(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return (T)system.RegisterExtension(this);
    }

    /// <inheritdoc/>
    public T Get(ActorSystem system) => Apply(system);

    /// <inheritdoc/>
    public abstract T CreateExtension(ExtendedActorSystem system);

    public override bool Equals(object? obj) => obj is ExtensionIdProvider<T>;

    public override int GetHashCode() => typeof(T).GetHashCode();

    object IExtensionId.Apply(ActorSystem system) => Apply(system);

    object IExtensionId.Get(ActorSystem system) => Get(system);

    object IExtensionId.CreateExtension(ExtendedActorSystem system) => CreateExtension(system);
}

/// <summary>Finding extensions by their id's class.</summary>
public static class ActorSystemWithExtensions
{
    /// <summary>The system's extension, made when it is not there yet.</summary>
    public static T WithExtension<T, TI>(this ActorSystem system)
        where T : class, IExtension
        where TI : IExtensionId, new() => (T)system.RegisterExtension(new TI());

    /// <summary>The system's extension, made when it is not there yet.</summary>
    /// <param name="system">The system.</param>
    /// <param name="extensionId">Class of its id.</param>
    internal static T WithExtension<T>(this ActorSystem system, Type extensionId)
        where T : class, IExtension => (T)system.RegisterExtension((IExtensionId)Activator.CreateInstance(extensionId)!);
}

/// <summary>
/// The extensions of one system. While one is made, others can be made and found by any thread; whoever asks for the one that is being made waits.
/// </summary>
internal sealed class ExtensionRegistry(ExtendedActorSystem system)
{
    private readonly ConcurrentDictionary<Type, Lazy<object>> _extensions = new();

    public object Register(IExtensionId id)
    {
        var entry = _extensions.GetOrAdd(id.ExtensionType, _ => new Lazy<object>(() => id.CreateExtension(system)));
        try
        {
            return entry.Value;
        }
        catch
        {
            // The next one to ask tries again.
            _extensions.TryRemove(KeyValuePair.Create(id.ExtensionType, entry));
            throw;
        }
    }

    public bool TryGet(Type type, out object? extension)
    {
        var found = _extensions.TryGetValue(type, out var entry);
        extension = found ? entry!.Value : null;
        return found;
    }
}
