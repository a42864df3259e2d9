using System.Globalization;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Engines;

/// <summary>An option of a request that not every engine has, as one engine declares it.</summary>
/// <param name="Name">Its name in a request.</param>
/// <param name="Kind">What values it takes.</param>
/// <param name="Sentence">What it does, in one sentence.</param>
public sealed record EngineOption(string Name, EngineOptionKind Kind, string Sentence)
{
    /// <summary>The unit of sizes in bytes.</summary>
    public const string Bytes = "BYTES";

    /// <summary>Of numbers: the least value.</summary>
    public double Least { get; init; }

    /// <summary>Of numbers: the greatest value; null for no limit.</summary>
    public double? Most { get; init; }

    /// <summary>Of a choice: its words.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>What holds where it is not given, for people.</summary>
    public string Default { get; init; } = "";

    /// <summary>What its value counts, for people and the help of the command line, for example <c>MIB</c>; empty for a flag.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The versions of the engine that have it, for people; empty for all.</summary>
    public string Since { get; init; } = "";

    /// <summary>The modes that it belongs to; none for all.</summary>
    public IReadOnlyList<string> Modes { get; init; } = [];

    /// <summary>Why the engine, or a member of this version, does not have it although others do; empty where it has it.</summary>
    public string Refusal { get; init; } = "";

    /// <summary>Whether only the last member of a replica set that a run compacts is told.</summary>
    public bool ForLastMember { get; init; }

    /// <summary>Whether what it frees cannot be told before, so that nothing is left out then for freeing too little.</summary>
    public bool HidesGain { get; init; }

    /// <summary>Whether a value is one of its values.</summary>
    public bool Takes(OptionValue value) => Kind switch
    {
        EngineOptionKind.Flag => value is OptionValue.Flag,
        EngineOptionKind.Text => value is OptionValue.Text,
        EngineOptionKind.Choice => value is OptionValue.Text text && Choices.Contains(text.Value),
        _ => value is OptionValue.Number { Value: var number }
            && (double)number >= Least && (double)number <= (Most ?? long.MaxValue) && (TakesFractions || decimal.IsInteger(number)),
    };

    /// <summary>Whether its value is a size in bytes, which people may write with a unit.</summary>
    [JsonIgnore]
    public bool CountsBytes => Kind is EngineOptionKind.Size or EngineOptionKind.Rate && Unit == Bytes;

    /// <summary>Its values, for example <c>a whole number of at least 0</c>.</summary>
    [JsonIgnore]
    public string Range => Kind switch
    {
        EngineOptionKind.Flag => "true or false",
        EngineOptionKind.Text => "a text",
        EngineOptionKind.Choice => $"one of {string.Join(", ", Choices)}",
        _ => (TakesFractions ? "a number " : "a whole number ") + (Most is { } most
            ? string.Create(CultureInfo.InvariantCulture, $"from {Least} to {most}")
            : string.Create(CultureInfo.InvariantCulture, $"of at least {Least}")),
    };

    private bool TakesFractions => Kind is EngineOptionKind.Share or EngineOptionKind.Number;
}

/// <summary>What values an option takes.</summary>
public enum EngineOptionKind
{
    /// <summary>True or false.</summary>
    Flag,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number.</summary>
    Number,

    /// <summary>Bytes, or a larger unit that the option names.</summary>
    Size,

    /// <summary>Bytes per second.</summary>
    Rate,

    /// <summary>0 to 1.</summary>
    Share,

    Text,

    /// <summary>One of some words.</summary>
    Choice,
}
