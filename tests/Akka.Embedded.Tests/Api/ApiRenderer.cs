using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Akka.Embedded.Tests.Api;

/// <summary>Writes public and protected types and members in the format of the committed list.</summary>
internal static class ApiRenderer
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<Type> VisibleTypes(Assembly assembly) =>
        assembly.GetTypes().Where(IsVisible).OrderBy(Name, StringComparer.Ordinal);

    /// <summary>Kind, modifiers and name: <c>class sealed Akka.Actor.Identify</c>.</summary>
    public static string Declaration(Type type) => $"{Kind(type)} {Name(type)}";

    /// <summary>Base class and interfaces, as far as they are visible; the list leaves nested interfaces out.</summary>
    public static IEnumerable<string> Parents(Type type)
    {
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum) && parent != typeof(MulticastDelegate))
        {
            yield return Name(parent);
        }

        foreach (var contract in type.GetInterfaces().Where(contract => IsVisible(contract) && !contract.IsNested))
        {
            yield return Name(contract);
        }
    }

    /// <summary>The lines of a type's own members.</summary>
    public static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type);
        }

        return type.GetMembers(Declared)
            .Where(member => !member.IsDefined(typeof(CompilerGeneratedAttribute)))
            .Select(Render)
            .OfType<string>();
    }

    public static string Name(Type type)
    {
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        var arguments = type.GetGenericArguments();
        var outer = type.DeclaringType is { } declaring ? Name(declaring) + "." : type.Namespace is { } space ? space + "." : "";
        var tick = type.Name.IndexOf('`');
        return tick < 0
            ? outer + type.Name
            : $"{outer}{type.Name[..tick]}<{string.Join(", ", arguments.Select(Name))}>";
    }

    private static bool IsVisible(Type type) =>
        type.IsNested
            ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!)
            : type.IsPublic;

    private static string Kind(Type type)
    {
        if (type.IsInterface)
        {
            return "interface";
        }

        if (type.IsEnum)
        {
            return "enum";
        }

        if (type.IsValueType)
        {
            return "struct";
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return "delegate";
        }

        return (type.IsAbstract, type.IsSealed) switch
        {
            (true, true) => "class static",
            (true, false) => "class abstract",
            (false, true) => "class sealed",
            _ => "class",
        };
    }

    private static string? Render(MemberInfo member) => member switch
    {
        ConstructorInfo { IsStatic: false } constructor when Access(constructor) is { } access => $"{access} ctor({Parameters(constructor)})",
        MethodInfo method when IsOrdinary(method) && Access(method) is { } access =>
            $"{access} {Modifier(method)}{Name(method.ReturnType)} {method.Name}{Generics(method)}({Parameters(method)})",
        PropertyInfo property => Property(property),
        FieldInfo field when Access(field) is { } access => $"{access} {(field.IsStatic ? "static " : "")}field {Name(field.FieldType)} {field.Name}",
        EventInfo e when Access(e.AddMethod!) is { } access => $"{access} event {Name(e.EventHandlerType!)} {e.Name}",
        _ => null,
    };

    /// <summary>No accessor, and no explicit implementation of an interface.</summary>
    private static bool IsOrdinary(MethodInfo method) =>
        (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) && !method.Name.Contains('.') && !method.Name.Contains('<');

    private static string? Property(PropertyInfo property)
    {
        MethodInfo?[] visible = [VisibleAccessor(property.GetMethod), VisibleAccessor(property.SetMethod)];
        if (property.Name.Contains('.') || visible.All(accessor => accessor is null))
        {
            return null;
        }

        var first = visible.OfType<MethodInfo>().OrderBy(accessor => Access(accessor) == "public" ? 0 : 1).First();
        var accessors = string.Concat(visible.Select((accessor, i) => accessor is null ? "" : i == 0 ? "get; " : "set; "));
        return $"{Access(first)} {Modifier(first)}{Name(property.PropertyType)} {property.Name} {{ {accessors}}}";
    }

    private static MethodInfo? VisibleAccessor(MethodInfo? accessor) => accessor is not null && Access(accessor) is not null ? accessor : null;

    private static string? Access(MethodBase method) =>
        method.IsPublic ? "public" : method.IsFamily || method.IsFamilyOrAssembly ? "protected" : null;

    private static string? Access(FieldInfo field) =>
        field.IsPublic ? "public" : field.IsFamily || field.IsFamilyOrAssembly ? "protected" : null;

    private static string Modifier(MethodInfo method)
    {
        if (method.DeclaringType!.IsInterface)
        {
            return "";
        }

        return method switch
        {
            { IsStatic: true } => "static ",
            { IsAbstract: true } => "abstract ",
            { IsVirtual: true, IsFinal: false } => "virtual ",
            _ => "",
        };
    }

    private static string Generics(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var prefix = parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? "ref " : parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "";
        var value = parameter.HasDefaultValue
            ? " = " + (parameter.DefaultValue is null ? "null" : Convert.ToString(parameter.DefaultValue, CultureInfo.InvariantCulture))
            : "";
        return $"{prefix}{Name(parameter.ParameterType)} {parameter.Name}{value}";
    }
}
