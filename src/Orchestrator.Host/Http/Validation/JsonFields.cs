using System.Text.Json;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http.Validation;

/// <summary>
/// Reads the fields of a JSON object strictly: every unknown, repeated or ill-typed field is added to the list of
/// errors, and reading goes on, so that one answer names them all.
/// </summary>
internal sealed class JsonFields
{
    private const int MaxListItems = 1000;
    private const int MaxErrors = 100;

    private readonly Dictionary<string, JsonElement> fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly string path;
    private readonly List<FieldErrorDto> errors;

    /// <param name="path">Path of the object; empty for the body itself.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public JsonFields(JsonElement element, string path, List<FieldErrorDto> errors)
    {
        this.path = path;
        this.errors = errors;
        if (element.ValueKind != JsonValueKind.Object)
        {
            AddError(errors, path.Length == 0 ? "body" : path, $"must be an object, not {Describe(element)}");
            return;
        }

        foreach (var field in element.EnumerateObject())
        {
            if (!fields.TryAdd(field.Name, field.Value))
            {
                Error(field.Name, "is given more than once");
            }
        }
    }

    /// <summary>Adds an error about a field of this object.</summary>
    public void Error(string name, string message) => AddError(errors, PathOf(name), message);

    public string? Text(string name, int maxLength, bool required = false)
    {
        if (!TryGet(name, out var value))
        {
            if (required)
            {
                Error(name, "is required");
            }

            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            Error(name, $"must be a string, not {Describe(value)}");
            return null;
        }

        var text = value.GetString()!;
        if (text.Length > maxLength)
        {
            Error(name, $"is longer than {maxLength} characters");
        }
        else if (required && text.Length == 0)
        {
            Error(name, "must not be empty");
        }

        return text;
    }

    public bool? Flag(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Error(name, $"must be true or false, not {Describe(value)}");
        return null;
    }

    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public long? Whole(string name, long min, long max)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max)
        {
            return number;
        }

        var limits = max == long.MaxValue ? $"of at least {min}" : $"from {min} to {max}";
        Error(name, $"must be a whole number {limits}, not {Describe(value)}");
        return null;
    }

    /// <summary>A size in bytes: a whole number, or a text with a unit as in settings (<c>64MiB</c>).</summary>
    public long? Size(string name, long min, long max)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        var size = value.ValueKind == JsonValueKind.String ? Units.TrySize(value.GetString()!)
            : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
        if (size >= min && size <= max)
        {
            return size;
        }

        var limits = max == long.MaxValue ? $"of at least {min}" : $"from {min} to {max}";
        Error(name, $"must be a whole number {limits}, or a size such as 64MiB, not {Describe(value)}");
        return null;
    }

    /// <summary>A share from 0 to 1: a number, or a text with a percent sign as in settings (<c>30%</c>).</summary>
    public double? Share(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        var share = value.ValueKind == JsonValueKind.String ? Units.TryShare(value.GetString()!)
            : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : null;
        if (share is >= 0 and <= 1)
        {
            return share;
        }

        Error(name, $"must be a number from 0 to 1, or a share such as 30%, not {Describe(value)}");
        return null;
    }

    /// <summary>A time as RFC 3339 writes it, with its offset from UTC.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && Times.Read(value.GetString()!) is { } time)
        {
            return time;
        }

        Error(name, $"must be a time such as 2026-01-31T22:00:00Z, not {Describe(value)}");
        return null;
    }

    /// <summary>A list of non-empty names.</summary>
    public IReadOnlyList<string>? Names(string name) => TryGet(name, out var value) ? Names(name, value) : null;

    public IReadOnlyList<string>? Names(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            Error(name, $"must be a list of names, not {Describe(value)}");
            return null;
        }

        if (value.GetArrayLength() > MaxListItems)
        {
            Error(name, $"has more than {MaxListItems} items");
            return null;
        }

        var names = new List<string>();
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.String && item.GetString() is { Length: > 0 } text)
            {
                names.Add(text);
            }
            else
            {
                Error($"{name}[{index}]", $"must be a name, not {Describe(item)}");
            }

            index++;
        }

        return names;
    }

    /// <summary>A field whose meaning the caller reads; false when absent.</summary>
    public bool TryGet(string name, out JsonElement value)
    {
        known.Add(name);
        return fields.TryGetValue(name, out value);
    }

    /// <summary>A field that is an object; null when absent.</summary>
    public JsonFields? Object(string name) => TryGet(name, out var value) ? new JsonFields(value, PathOf(name), errors) : null;

    /// <summary>Call last: what nobody asked for is unknown.</summary>
    public void RejectUnknown()
    {
        foreach (var name in fields.Keys.Where(name => !known.Contains(name)))
        {
            Error(name, $"is unknown; known here: {string.Join(", ", known.Order(StringComparer.Ordinal))}");
        }
    }

    /// <summary>A value as an error message shows it.</summary>
    public static string Describe(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            _ => value.GetRawText(),
        };
        return text.Length <= 60 ? text : text[..57] + "...";
    }

    private static void AddError(List<FieldErrorDto> errors, string field, string message)
    {
        if (errors.Count < MaxErrors)
        {
            errors.Add(new FieldErrorDto(field, message));
        }
    }

    private string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";
}
