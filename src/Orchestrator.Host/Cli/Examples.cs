using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Orchestrator.Host.Cli.Rendering;

namespace Orchestrator.Host.Cli;

/// <summary>Examples at the end of a command's help.</summary>
internal static partial class Examples
{
    private const string Margin = "  ";
    private const string Continued = " \\";
    private const char Unbroken = '\u00A0';

    private static readonly ConditionalWeakTable<Command, string[]> OfCommand = [];

    public static T WithExamples<T>(this T command, params string[] examples)
        where T : Command
    {
        OfCommand.AddOrUpdate(command, examples);
        return command;
    }

    /// <summary>Makes <c>--help</c> of the whole tree print them.</summary>
    /// <param name="width">Characters on a line; null: the terminal's.</param>
    public static void ShowInHelp(RootCommand root, int? width)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
        {
            // Those of another operating system would only stand among the completions.
            option.Aliases.Remove("/?");
            option.Aliases.Remove("/h");
            var help = (HelpAction)option.Action!;
            help.MaxWidth = width ?? help.MaxWidth;
            option.Action = new HelpWithExamples(help);
        }
    }

    /// <summary>An example over several lines, which a shell still takes as one command.</summary>
    private static IEnumerable<string> Lines(string example, int width)
    {
        // What is quoted, or a comment, stays on one line: a backslash would become part of it.
        var whole = Quoted().Replace(example, quoted => quoted.Value.Replace(' ', Unbroken));
        var lines = Prose.Lines($"{Margin}{whole}", width - Continued.Length, 2 * Margin.Length);
        return lines.Select((line, i) => (i < lines.Count - 1 && !example.StartsWith('#') ? line + Continued : line).Replace(Unbroken, ' '));
    }

    [GeneratedRegex("'[^']*'|\"[^\"]*\"|# .*$")]
    private static partial Regex Quoted();

    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        /// <summary>Help is given however incomplete the rest of the line is.</summary>
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = inner.Invoke(parseResult);
            if (OfCommand.TryGetValue(parseResult.CommandResult.Command, out var examples))
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (var example in examples)
                {
                    foreach (var line in Lines(example, Math.Max(inner.MaxWidth, 2 * Continued.Length)))
                    {
                        output.WriteLine(line);
                    }
                }

                output.WriteLine();
            }

            return code;
        }
    }
}
