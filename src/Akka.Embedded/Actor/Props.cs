using System.Linq.Expressions;
using System.Reflection;

namespace Akka.Actor;

/// <summary>
/// How to make an actor: its type and constructor arguments, and optionally the strategy for its children. Immutable. The arguments
/// are evaluated once; every restart uses the same ones.
/// </summary>
public class Props : IEquatable<Props>
{
    private readonly ConstructorInfo? _constructor;

    /// <param name="type">A class derived from <see cref="ActorBase"/>.</param>
    /// <param name="args">Arguments of one of its public constructors.</param>
    internal Props(Type type, object?[] args)
        : this(type, null, args, null)
    {
    }

    private Props(Type type, ConstructorInfo? constructor, object?[] args, SupervisorStrategy? strategy)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (!typeof(ActorBase).IsAssignableFrom(type) || type.IsAbstract)
        {
            throw new ArgumentException($"{type} is not a class derived from {typeof(ActorBase)} that can be instantiated.", nameof(type));
        }

        Type = type;
        Arguments = args;
        SupervisorStrategy = strategy;
        _constructor = constructor;
    }

    /// <summary>The actor's class.</summary>
    public Type Type { get; }

    /// <summary>The constructor's arguments.</summary>
    public object?[] Arguments { get; }

    /// <summary>The strategy for the actor's children in place of the actor's own; null for the actor's own.</summary>
    internal SupervisorStrategy? SupervisorStrategy { get; }

    /// <summary>Props from a constructor call.</summary>
    /// <param name="factory">A lambda of the form <c>() => new T(...)</c>.</param>
    /// <param name="supervisorStrategy">See <see cref="SupervisorStrategy"/>.</param>
    /// <exception cref="ArgumentException">The lambda is no plain constructor call.</exception>
    public static Props Create<TActor>(Expression<Func<TActor>> factory, SupervisorStrategy? supervisorStrategy = null)
        where TActor : ActorBase
    {
        ArgumentNullException.ThrowIfNull(factory);
        if (factory.Body is not NewExpression call)
        {
            throw new ArgumentException("The create function must be a 'new T (args)' expression", nameof(factory));
        }

        return new Props(call.Type, call.Constructor, [.. call.Arguments.Select(Evaluate)], supervisorStrategy);
    }

    /// <summary>Props from a type and its constructor's arguments.</summary>
    public static Props Create<TActor>(params object?[] args)
        where TActor : ActorBase => new(typeof(TActor), null, args, null);

    /// <summary>Props for a constructor without arguments.</summary>
    internal static Props Create<TActor>(SupervisorStrategy supervisorStrategy)
        where TActor : ActorBase, new() => new(typeof(TActor), null, [], supervisorStrategy);

    /// <summary>Props from a type and its constructor's arguments.</summary>
    public static Props Create(Type type, params object?[] args) => new(type, null, args, null);

    /// <summary>The same props with another strategy for the actor's children.</summary>
    public Props WithSupervisorStrategy(SupervisorStrategy supervisorStrategy) =>
        new(Type, _constructor, Arguments, supervisorStrategy);

    /// <summary>Makes an instance; only the runtime may call this.</summary>
    internal virtual ActorBase NewActor()
    {
        const BindingFlags flags = BindingFlags.DoNotWrapExceptions | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;
        var instance = _constructor is null
            ? Activator.CreateInstance(Type, flags | BindingFlags.CreateInstance, null, Arguments, null)
            : _constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, Arguments, null);
        return (ActorBase)instance!;
    }

    public bool Equals(Props? other) =>
        other is not null && Type == other.Type && Equals(SupervisorStrategy, other.SupervisorStrategy) &&
        Arguments.AsSpan().SequenceEqual(other.Arguments);

    public override bool Equals(object? obj) => Equals(obj as Props);

    public override int GetHashCode() => HashCode.Combine(Type, Arguments.Length);

    private static object? Evaluate(Expression argument)
    {
        switch (argument)
        {
            case ConstantExpression constant:
                return constant.Value;

            // A captured variable or a field of the caller, without compiling anything.
            case MemberExpression { Member: FieldInfo field } member:
                return field.GetValue(member.Expression is null ? null : Evaluate(member.Expression));
            default:
                return Expression.Lambda<Func<object?>>(Expression.Convert(argument, typeof(object))).Compile(preferInterpretation: true)();
        }
    }
}
