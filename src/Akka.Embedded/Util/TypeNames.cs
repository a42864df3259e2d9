using System.Reflection;

namespace Akka.Util;

/// <summary>Finds types named in the configuration.</summary>
internal static class TypeNames
{
    /// <summary>
    /// Reads <c>Namespace.Type, Assembly</c>. The names of Akka.NET's own assemblies stand for the assemblies that have the types here, so that one
    /// configuration file serves both runtimes.
    /// </summary>
    /// <exception cref="TypeLoadException">There is no such type.</exception>
    public static Type Find(string name)
    {
        var comma = name.LastIndexOf(']') is var bracket && bracket >= 0 ? name.IndexOf(',', bracket) : name.IndexOf(',');
        var assemblyName = comma < 0 ? "" : name[(comma + 1)..].Trim();
        var typeName = comma < 0 ? name.Trim() : name[..comma].Trim();
        if (assemblyName.Length > 0 && !IsOfRuntime(assemblyName))
        {
            return Type.GetType(name, throwOnError: false) ?? throw NotFound(name);
        }

        foreach (var assembly in Candidates())
        {
            if (assembly.GetType(typeName, throwOnError: false) is { } type)
            {
                return type;
            }
        }

        return Type.GetType(typeName, throwOnError: false) ?? throw NotFound(name);
    }

    /// <summary>Makes an instance of a type named in the configuration.</summary>
    /// <param name="key">The configuration key, for the error.</param>
    /// <param name="name">The type's name.</param>
    /// <param name="candidates">Arguments for constructors to try, in this order.</param>
    /// <exception cref="Configuration.ConfigurationException">There is no such type, or it has none of these constructors.</exception>
    public static T Create<T>(string key, string name, params object[][] candidates)
    {
        Type type;
        try
        {
            type = Find(name);
        }
        catch (TypeLoadException cause)
        {
            throw new Configuration.ConfigurationException($"{key}: {cause.Message}", cause);
        }

        const BindingFlags flags = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DoNotWrapExceptions;
        foreach (var arguments in candidates)
        {
            if (type.GetConstructor(flags, [.. arguments.Select(ParameterType)]) is { } constructor)
            {
                return constructor.Invoke(flags, null, arguments, null) is T instance ? instance
                    : throw new Configuration.ConfigurationException($"{key}: {name} is no {typeof(T)}.");
            }
        }

        throw new Configuration.ConfigurationException($"{key}: {name} has no constructor that the runtime can call.");
    }

    private static Type ParameterType(object argument) => argument switch
    {
        Actor.ExtendedActorSystem => typeof(Actor.ExtendedActorSystem),
        Event.ILoggingAdapter => typeof(Event.ILoggingAdapter),
        _ => argument.GetType(),
    };

    private static bool IsOfRuntime(string assemblyName) =>
        assemblyName == "Akka" || (assemblyName.StartsWith("Akka.", StringComparison.Ordinal) && !IsLoaded(assemblyName));

    private static bool IsLoaded(string assemblyName) =>
        AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name == assemblyName);

    /// <summary>The runtime, the system's library, then what else is loaded.</summary>
    private static IEnumerable<Assembly> Candidates() =>
        new[] { typeof(TypeNames).Assembly, typeof(object).Assembly }.Concat(AppDomain.CurrentDomain.GetAssemblies());

    private static TypeLoadException NotFound(string name) => new($"There is no type '{name}'.");
}
