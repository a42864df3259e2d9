using System.CommandLine;
using System.CommandLine.Parsing;
using Orchestrator.Core;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Cli;

/// <summary>What is wrong with a command line, in sentences that say what to write instead.</summary>
internal static class UsageErrors
{
    public static IEnumerable<string> Of(ParseResult parsed) =>
        Problems(parsed).Distinct().Append($"'{Path(parsed.CommandResult)} --help' explains the usage.");

    private static IEnumerable<string> Problems(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var unknown = parsed.UnmatchedTokens.Select(token => Unknown(token, command));
        if (command.Subcommands.Count > 0)
        {
            // That a command is missing says nothing where an unknown one was given.
            return unknown.DefaultIfEmpty(command is RootCommand
                ? "The command is missing, such as demo, serve, nodes, plan or compact."
                : $"The command is missing: {string.Join(", ", command.Subcommands.Select(subcommand => subcommand.Name))}.");
        }

        var others = parsed.Errors.Where(error => !parsed.UnmatchedTokens.Any(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal)));
        return unknown.Concat(others.Select(Sentence));
    }

    private static string Sentence(ParseError error) =>
        error.SymbolResult is ArgumentResult { Tokens.Count: 0, Parent: CommandResult } missing
            ? $"{missing.Argument.Name} is missing: {missing.Argument.Description}"
            : NotConverted(error) ?? ErrorText.Shown(error.Message, out _);

    /// <summary>A value that the parser could not convert, of which it speaks in types; null for other errors.</summary>
    private static string? NotConverted(ParseError error)
    {
        (IReadOnlyList<Token> Tokens, Type Type, string Name) value = error.SymbolResult switch
        {
            ArgumentResult { Parent: OptionResult parent } inner => (inner.Tokens, parent.Option.ValueType, parent.Option.Name),
            ArgumentResult argument => (argument.Tokens, argument.Argument.ValueType, argument.Argument.Name),
            OptionResult option => (option.Tokens, option.Option.ValueType, option.Option.Name),
            _ => ([], typeof(string), ""),
        };
        if (value.Tokens.Count == 0 || !error.Message.Contains("expected type", StringComparison.Ordinal))
        {
            return null;
        }

        var type = Nullable.GetUnderlyingType(value.Type) ?? value.Type;
        var wanted = Type.GetTypeCode(type) switch
        {
            TypeCode.Int32 or TypeCode.Int64 => "a whole number",
            TypeCode.Double or TypeCode.Decimal => "a number",
            TypeCode.Boolean => "true or false",
            _ when type == typeof(Uri) => "a URL such as http://127.0.0.1:8401",
            _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type).Select(word => word.ToLowerInvariant()))}",
            _ => "another value",
        };
        return $"{value.Name} must be {wanted}, not '{value.Tokens[^1].Value}'.";
    }

    private static string Unknown(string token, Command command)
    {
        if (token == "help")
        {
            return "There is no command 'help': write --help instead, also after a command.";
        }

        var isOption = token.StartsWith('-');
        var known = isOption
            ? command.Options.SelectMany(option => option.Aliases.Append(option.Name)).Where(name => name.StartsWith("--", StringComparison.Ordinal))
            : command.Subcommands.Select(subcommand => subcommand.Name);
        var kind = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        var nearest = SettingNames.Nearest(token, known);
        return nearest == token ? $"{token} belongs after the command, as in: orchestrator nodes {token} ..."
            : nearest is not null ? $"There is no {kind} '{token}'; did you mean {nearest}?"
            : isOption || command.Subcommands.Count > 0 ? $"There is no {kind} '{token}'." : $"There is no argument for '{token}'.";
    }

    private static string Path(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{Path(parent)} {result.Command.Name}" : "orchestrator";
}
