using System.CommandLine;
using System.CommandLine.Parsing;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Cli;

/// <summary>What is wrong with a command line, in sentences that say what to write instead.</summary>
internal static class UsageErrors
{
    public static IEnumerable<string> Of(ParseResult parsed)
    {
        // That a command is missing says nothing where an unknown one was given.
        var unknown = parsed.UnmatchedTokens;
        var others = unknown.Count > 0 && parsed.CommandResult.Command.Subcommands.Count > 0
            ? []
            : parsed.Errors.Where(error => !unknown.Any(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal)));
        return
        [
            .. unknown.Select(token => Unknown(token, parsed.CommandResult.Command)),
            .. IsIncomplete(parsed) ? [$"The command is missing: {string.Join(", ", parsed.CommandResult.Command.Subcommands.Select(command => command.Name))}."] : Array.Empty<string>(),
            .. others.Where(_ => !IsIncomplete(parsed)).Select(error => error.SymbolResult is ArgumentResult { Tokens.Count: 0 } argument && argument.Parent is CommandResult
                ? $"{argument.Argument.Name} is missing: {argument.Argument.Description}"
                : error.Message).Distinct(),
            $"'{Path(parsed.CommandResult)} --help' explains the usage.",
        ];
    }

    private static bool IsIncomplete(ParseResult parsed) => parsed.UnmatchedTokens.Count == 0 && parsed.CommandResult.Command.Subcommands.Count > 0;

    private static string Unknown(string token, Command command)
    {
        var isOption = token.StartsWith('-');
        var known = isOption
            ? command.Options.SelectMany(option => option.Aliases.Append(option.Name)).Where(name => name.StartsWith("--", StringComparison.Ordinal))
            : command.Subcommands.Select(subcommand => subcommand.Name);
        var kind = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        return SettingNames.Nearest(token, known) is { } nearest
            ? $"There is no {kind} '{token}'; did you mean {nearest}?"
            : isOption || command.Subcommands.Count > 0 ? $"There is no {kind} '{token}'." : $"'{token}' is one argument too many.";
    }

    private static string Path(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{Path(parent)} {result.Command.Name}" : "orchestrator";
}
