using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;
using Orchestrator.Host.Composition;

namespace Orchestrator.Host.Cli;

/// <summary>The options that engines declare, each as an option of the command line, and one that takes any by its name.</summary>
internal sealed class EngineOptionFlags
{
    private readonly List<(string Name, Func<ParseResult, OptionValue?> Read)> readers = [];

    private readonly Option<string[]> other = new("--option")
    {
        Description = "Any option of an engine by its name, as 'orchestrator engines' shows it (may be repeated).",
        HelpName = "NAME=VALUE",
        AllowMultipleArgumentsPerToken = false,
    };

    public EngineOptionFlags(EngineProviders engines)
    {
        All = [.. engines.DriverOptions.Select(option => Flag(option, Holders(option, engines))), other];
        other.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.IndexOf('=', StringComparison.Ordinal) < 1))
            {
                result.AddError($"--option must be NAME=VALUE, not '{token.Value}'.");
            }
        });
    }

    public IReadOnlyList<Option> All { get; }

    /// <summary>Fields of a request; null where none is given.</summary>
    public Dictionary<string, JsonElement>? Read(ParseResult parsed)
    {
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, read) in readers)
        {
            if (read(parsed) is { } value)
            {
                fields[name] = JsonElement.Parse(value.ToJson());
            }
        }

        foreach (var pair in (parsed.GetValue(other) ?? []).Select(text => text.Split('=', 2)))
        {
            fields[pair[0]] = JsonElement.Parse(Value(pair[1]).ToJson());
        }

        return fields.Count == 0 ? null : fields;
    }

    private static OptionValue Value(string text) => text switch
    {
        "true" or "on" => true,
        "false" or "off" => false,
        _ when decimal.TryParse(text, NumberStyles.Number & ~NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number) => number,
        _ => text,
    };

    /// <summary>The engines that have an option, each with the modes that it is for.</summary>
    private static IReadOnlyList<string> Holders(EngineOption option, EngineProviders engines) =>
    [
        .. from engine in engines.Descriptions
           let own = engine.Capabilities.Find(option.Name)
           where own is not null
           select own.Modes.Count == 0 ? engine.Name : $"{engine.Name} (mode {string.Join(", ", own.Modes)})",
    ];

    private Option Flag(EngineOption option, IReadOnlyList<string> engines)
    {
        var name = OptionNames.Option(option.Name);
        var text = $"{option.Sentence} {engines.Count switch { 0 => "No engine has it yet", 1 => "Engine ", _ => "Engines " }}{string.Join(", ", engines)}.";
        switch (option.Kind)
        {
            case EngineOptionKind.Flag:
                var flag = new Option<bool>(name) { Description = text };
                readers.Add((option.Name, parsed => parsed.GetValue(flag) ? true : null));
                return flag;
            case EngineOptionKind.Text or EngineOptionKind.Choice:
                var word = new Option<string?>(name) { Description = text, HelpName = option.Unit }.Offering([.. option.Choices]);
                readers.Add((option.Name, parsed => parsed.GetValue(word) is { } given ? (OptionValue)given : null));
                return word;
            case EngineOptionKind.Size or EngineOptionKind.Rate when option.CountsBytes:
                var size = UnitOptions.Size(name, text);
                readers.Add((option.Name, parsed => parsed.GetValue(size) is { } given ? given : null));
                return size;
            case EngineOptionKind.Integer or EngineOptionKind.Size or EngineOptionKind.Rate:
                var whole = new Option<long?>(name) { Description = text, HelpName = option.Unit };
                readers.Add((option.Name, parsed => parsed.GetValue(whole) is { } given ? given : null));
                return whole;
            default:
                var number = new Option<decimal?>(name) { Description = text, HelpName = option.Unit };
                readers.Add((option.Name, parsed => parsed.GetValue(number) is { } given ? given : null));
                return number;
        }
    }
}
