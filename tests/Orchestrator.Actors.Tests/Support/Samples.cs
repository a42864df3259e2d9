using System.Collections;
using System.Reflection;
using System.Text.Json.Serialization;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;

namespace Orchestrator.Actors.Tests.Support;

/// <summary>Makes a message of any type, every member with a value of its own, always the same one.</summary>
internal sealed class Samples
{
    private static readonly DateTimeOffset Instant = new(2026, 1, 31, 12, 0, 0, 500, TimeSpan.Zero);
    private int numbers;

    public static object Of(Type type) => new Samples().Make(type, "value");

    private object Make(Type type, string name)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(string) => $"{name}-ä\"{++numbers}",
            _ when type == typeof(int) => ++numbers,
            _ when type == typeof(long) => 10_000_000_000L + ++numbers,
            _ when type == typeof(double) => ++numbers + 0.25,
            _ when type == typeof(bool) => true,
            _ when type == typeof(TimeSpan) => TimeSpan.FromMilliseconds(1_500 + ++numbers),
            _ when type == typeof(DateTimeOffset) => Instant.AddSeconds(++numbers),
            _ when type == typeof(OptionValues) => OptionValues.None.With("flag", true).With("number", ++numbers + 0.5m).With("text", $"{name}-ä"),
            _ when type == typeof(IndexSelection) => IndexSelection.Named(["by-city", "by-name"]),
            { IsEnum: true } => Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1)!,
            { IsGenericType: true } => MakeList(type.GetGenericArguments()[0], name),
            { IsAbstract: true } => MakeRecord(Concrete(type)[^1]),
            _ => MakeRecord(type),
        };
    }

    private IList MakeList(Type item, string name)
    {
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
        foreach (var type in item.IsAbstract && item != typeof(IndexSelection) ? Concrete(item) : [item])
        {
            list.Add(Make(type, name));
        }

        return list;
    }

    private object MakeRecord(Type type)
    {
        var constructor = type.GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length).First();
        var made = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType, parameter.Name!))]);
        var parameters = constructor.GetParameters().Select(parameter => parameter.Name).ToHashSet();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && property.CanRead && !parameters.Contains(property.Name)))
        {
            property.SetValue(made, Make(property.PropertyType, property.Name));
        }

        return made;
    }

    private static Type[] Concrete(Type type) =>
        [.. type.GetCustomAttributes<JsonDerivedTypeAttribute>().Select(attribute => attribute.DerivedType)];
}
