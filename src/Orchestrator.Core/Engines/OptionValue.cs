using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Engines;

/// <summary>The value of an option of an engine: true or false, a number or a text.</summary>
public abstract record OptionValue
{
    private OptionValue()
    {
    }

    public static implicit operator OptionValue(bool value) => new Flag(value);

    public static implicit operator OptionValue(decimal value) => new Number(value);

    public static implicit operator OptionValue(string value) => new Text(value);

    /// <summary>The value as JSON has it; null for what is none: null, a list, an object, a number that is too long.</summary>
    public static OptionValue? From(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => json.GetBoolean(),
        JsonValueKind.Number => json.TryGetDecimal(out var number) ? number : null,
        JsonValueKind.String => json.GetString()!,
        _ => null,
    };

    /// <summary>The value as JSON.</summary>
    public abstract string ToJson();

    public sealed record Flag(bool Value) : OptionValue
    {
        public override string ToJson() => ToString();

        public override string ToString() => Value ? "true" : "false";
    }

    public sealed record Number(decimal Value) : OptionValue
    {
        public override string ToJson() => ToString();

        public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
    }

    public sealed record Text(string Value) : OptionValue
    {
        public override string ToJson() => $"\"{JsonEncodedText.Encode(Value)}\"";

        public override string ToString() => Value;
    }
}

/// <summary>
/// Options of engines that a request gives, by their names. What is not given is not in it; the engine's driver knows its default.
/// </summary>
[JsonConverter(typeof(OptionValuesJsonConverter))]
public sealed class OptionValues : IEquatable<OptionValues>
{
    private readonly ImmutableSortedDictionary<string, OptionValue> _values;

    private OptionValues(ImmutableSortedDictionary<string, OptionValue> values) => _values = values;

    public static OptionValues None { get; } = new(ImmutableSortedDictionary.Create<string, OptionValue>(StringComparer.Ordinal));

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, OptionValue> Given => _values;

    public OptionValues With(string name, OptionValue value) => new(_values.SetItem(name, value));

    public OptionValues Without(string name) => new(_values.Remove(name));

    /// <summary>Whether a flag is given and true.</summary>
    public bool IsOn(string name) => Given.GetValueOrDefault(name) is OptionValue.Flag { Value: true };

    /// <summary>A number without its fraction.</summary>
    public long Whole(string name, long otherwise) => Given.GetValueOrDefault(name) is OptionValue.Number number ? (long)number.Value : otherwise;

    public bool Equals(OptionValues? other) => other is not null && _values.SequenceEqual(other._values);

    public override bool Equals(object? obj) => Equals(obj as OptionValues);

    public override int GetHashCode() => _values.Count;

    public override string ToString() => string.Join(", ", _values.Select(value => $"{value.Key}={value.Value}"));
}

/// <summary>A JSON object of names and values.</summary>
public sealed class OptionValuesJsonConverter : JsonConverter<OptionValues>
{
    public override OptionValues Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var values = OptionValues.None;
        foreach (var field in document.RootElement.EnumerateObject())
        {
            values = values.With(field.Name, OptionValue.From(field.Value) ?? throw new JsonException($"option {field.Name} has no value that an option can have"));
        }

        return values;
    }

    public override void Write(Utf8JsonWriter writer, OptionValues value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, given) in value.Given)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(given.ToJson());
        }

        writer.WriteEndObject();
    }
}
