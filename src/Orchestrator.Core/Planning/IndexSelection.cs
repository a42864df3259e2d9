using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Schedules;

namespace Orchestrator.Core.Planning;

/// <summary>Which indexes a request covers; in JSON <c>"all"</c>, <c>"none"</c> or a list of names.</summary>
[JsonConverter(typeof(IndexSelectionJsonConverter))]
public abstract record IndexSelection
{
    private IndexSelection()
    {
    }

    public static IndexSelection All { get; } = new AllIndexes();

    public static IndexSelection None { get; } = new NoIndexes();

    public static IndexSelection Named(IReadOnlyList<string> names) => new NamedIndexes(names);

    /// <summary>Whether the selection covers the index of that name.</summary>
    public abstract bool Covers(string index);

    public sealed record AllIndexes : IndexSelection
    {
        public override bool Covers(string index) => true;
    }

    public sealed record NoIndexes : IndexSelection
    {
        public override bool Covers(string index) => false;
    }

    /// <param name="Names">Index names, or patterns of them (<see cref="NamePattern"/>); at least one.</param>
    public sealed record NamedIndexes(IReadOnlyList<string> Names) : IndexSelection
    {
        public override bool Covers(string index) => NamePattern.AnyMatches(Names, index);
    }
}

/// <summary>Reads and writes <see cref="IndexSelection"/>.</summary>
public sealed class IndexSelectionJsonConverter : JsonConverter<IndexSelection>
{
    public override IndexSelection Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString() switch
            {
                "all" => IndexSelection.All,
                "none" => IndexSelection.None,
                var other => throw new JsonException($"'{other}' is neither \"all\", \"none\" nor a list of index names"),
            };
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("expected \"all\", \"none\" or a list of index names");
        }

        var names = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            names.Add(reader.TokenType == JsonTokenType.String
                ? reader.GetString()!
                : throw new JsonException("an index name must be a string"));
        }

        return IndexSelection.Named(names);
    }

    public override void Write(Utf8JsonWriter writer, IndexSelection value, JsonSerializerOptions options)
    {
        switch (value)
        {
            case IndexSelection.AllIndexes:
                writer.WriteStringValue("all");
                break;
            case IndexSelection.NamedIndexes named:
                writer.WriteStartArray();
                foreach (var name in named.Names)
                {
                    writer.WriteStringValue(name);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteStringValue("none");
                break;
        }
    }
}
