using Orchestrator.Host.Formatting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>Text that breaks between words only; a word longer than a line stays whole.</summary>
/// <param name="text">May hold line breaks; spaces are kept.</param>
/// <param name="hang">Indentation of what does not fit into a first line.</param>
internal sealed class Prose(string text, int hang = 0) : Renderable
{
    /// <summary>The lines of a text, none longer than the width unless a word is.</summary>
    public static IReadOnlyList<string> Lines(string text, int width, int hang = 0)
    {
        var lines = new List<string>();
        foreach (var paragraph in text.Split('\n'))
        {
            var rest = Visible.Of(paragraph.TrimEnd('\r'));
            while (rest.Length > width && Break(rest, width) is var cut and > 0)
            {
                lines.Add(rest[..cut].TrimEnd());
                rest = new string(' ', hang) + rest[cut..].TrimStart();
            }

            lines.Add(rest.TrimEnd());
        }

        return lines;
    }

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
        Lines(text, maxWidth, hang).SelectMany(line => new[] { new Segment(line), Segment.LineBreak });

    /// <summary>The last space at which a line can end, or the first one behind a word that is too long; 0 if there is none.</summary>
    private static int Break(string rest, int width)
    {
        var indentation = rest.Length - rest.TrimStart().Length;
        var last = rest.LastIndexOf(' ', width);
        var cut = last > indentation ? last : rest.IndexOf(' ', Math.Max(width, indentation));
        return rest[Math.Max(0, cut)..].Trim().Length == 0 ? 0 : cut;
    }
}

/// <summary>Writes prose.</summary>
internal static class ProseWriting
{
    /// <param name="hang">Indentation of what does not fit into the first line.</param>
    public static void Prose(this IAnsiConsole console, string text, int hang = 0) => console.Write(new Prose(text, hang));
}
