using System.Globalization;
using System.Text.Json;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http.Validation;

/// <summary>Reads query parameters and headers, collecting every error.</summary>
internal sealed class QueryValues(HttpRequest request)
{
    private readonly List<FieldErrorDto> errors = [];

    /// <summary>The answer that names every wrong parameter; null if all are right.</summary>
    public IResult? Problem => errors.Count == 0 ? null : Problems.Invalid(errors);

    public string? Text(string name) => request.Query.TryGetValue(name, out var values) && values.Count > 0 ? values[^1] : null;

    public long Whole(string name, long min, long max, long otherwise)
    {
        if (Text(name) is not { } text)
        {
            return otherwise;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        Error(name, $"must be a whole number {(max == long.MaxValue ? $"of at least {min}" : $"from {min} to {max}")}, not '{text}'");
        return otherwise;
    }

    /// <summary>A time in seconds, from 0 to <paramref name="max"/>.</summary>
    public TimeSpan Seconds(string name, TimeSpan max)
    {
        if (Text(name) is not { } text)
        {
            return TimeSpan.Zero;
        }

        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds >= 0 && seconds <= max.TotalSeconds)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        Error(name, FormattableString.Invariant($"must be seconds from 0 to {max.TotalSeconds}, not '{text}'"));
        return TimeSpan.Zero;
    }

    /// <summary>A time with its offset from UTC; null if it is not given.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (Times.Read(text) is { } time)
        {
            return time;
        }

        Error(name, $"must be a time with its offset from UTC, such as {Times.Example}, not '{text}'");
        return null;
    }

    /// <summary>One of some words, of which the first is the default.</summary>
    public string OneOf(string name, params string[] words)
    {
        if (Text(name) is { } text && !words.Contains(text))
        {
            Error(name, $"must be {string.Join(" or ", words)}, not '{text}'");
        }

        return Text(name) ?? words[0];
    }

    /// <summary>Any of some words, each as often as the parameter is given.</summary>
    public IReadOnlyList<string> SomeOf(string name, IReadOnlyList<string> words)
    {
        var given = request.Query[name].OfType<string>().ToList();
        foreach (var unknown in given.Where(word => !words.Contains(word)))
        {
            Error(name, $"must be one of {string.Join(", ", words)}, not '{unknown}'");
        }

        return given;
    }

    /// <summary><c>w=1</c> or <c>w=majority</c>, the default.</summary>
    public WriteConcern Concern()
    {
        switch (Text("w"))
        {
            case null or "majority":
                return WriteConcern.Majority;
            case "1":
                return WriteConcern.Primary;
            case var other:
                Error("w", $"must be 1 or majority, not '{other}'");
                return WriteConcern.Majority;
        }
    }

    /// <summary><c>from=primary</c>, the default, or <c>from=any</c>.</summary>
    public bool FromAnyMember()
    {
        switch (Text("from"))
        {
            case null or "primary":
                return false;
            case "any":
                return true;
            case var other:
                Error("from", $"must be primary or any, not '{other}'");
                return false;
        }
    }

    /// <summary>
    /// The revision that a write expects, from <c>rev=</c>, <c>If-Match</c> or <c>If-None-Match: *</c>: null for no
    /// condition, empty for a document that must not exist.
    /// </summary>
    public string? ExpectedRev()
    {
        var match = request.Headers.IfMatch;
        var noneMatch = request.Headers.IfNoneMatch;
        var rev = Text("rev");
        if (match.Count + noneMatch.Count + (rev is null ? 0 : 1) > 1)
        {
            Error("If-Match", "only one of rev, If-Match and If-None-Match may be given");
            return null;
        }

        if (noneMatch.Count == 1)
        {
            if (noneMatch[0] != "*")
            {
                Error("If-None-Match", "must be * in a write");
            }

            return "";
        }

        if (match.Count == 1)
        {
            var tag = match[0] ?? "";
            if (tag.Length < 3 || tag[0] != '"' || tag[^1] != '"' || tag.AsSpan(1, tag.Length - 2).Contains('"'))
            {
                Error("If-Match", "must be one ETag in double quotes");
                return null;
            }

            return tag[1..^1];
        }

        if (rev is "")
        {
            Error("rev", "must not be empty");
        }

        return rev;
    }

    /// <summary>
    /// A key of an index as JSON. What is not a JSON scalar by itself stands for a string, so that
    /// <c>key=Berlin</c> works; <c>key="5"</c> is the string, <c>key=5</c> the number.
    /// </summary>
    public string Key(string name)
    {
        if (Text(name) is not { } text)
        {
            return "";
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            {
                Error(name, "must be a scalar: a string, a number, true, false or null");
            }

            return text;
        }
        catch (JsonException)
        {
            return $"\"{JsonEncodedText.Encode(text)}\"";
        }
    }

    public void Error(string name, string message) => errors.Add(new FieldErrorDto(name, message));
}
