using System.Text.RegularExpressions;

namespace Orchestrator.Host.Tests.Architecture;

/// <summary>A class is one subject: none has more than 400 lines in all its parts together.</summary>
public sealed partial class ClassSizeTests
{
    private const int MaxLines = 400;

    [Fact]
    public void No_class_has_more_lines_than_it_may()
    {
        var tooLarge = Sizes()
            .Where(size => size.Value > MaxLines)
            .Select(size => $"{size.Key} has {size.Value} lines, of at most {MaxLines}");

        Assert.Equal([], tooLarge);
    }

    /// <summary>Lines of each type that stands at the left margin, all its parts together, by project and name.</summary>
    private static Dictionary<string, int> Sizes()
    {
        var sizes = new Dictionary<string, int>(StringComparer.Ordinal);
        var sources = Repository.PathOf("src");
        foreach (var file in Directory.EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories).Where(file => !IsGenerated(file)))
        {
            var project = Path.GetRelativePath(sources, file).Split(Path.DirectorySeparatorChar)[0];
            var (name, begun) = ("", 0);
            foreach (var (line, number) in File.ReadLines(file).Select((line, number) => (line, number)))
            {
                if (name.Length == 0 && Declaration().Match(line) is { Success: true } declaration)
                {
                    (name, begun) = ($"{project}.{declaration.Groups[1].Value}", number);
                }

                if (name.Length > 0 && (line == "}" || (number == begun && line.EndsWith(';'))))
                {
                    sizes[name] = sizes.GetValueOrDefault(name) + number - begun + 1;
                    name = "";
                }
            }
        }

        return sizes;
    }

    private static bool IsGenerated(string file) =>
        file.Split(Path.DirectorySeparatorChar).Any(folder => folder is "obj" or "bin");

    [GeneratedRegex(@"^(?:public|internal)\s.*?\b(?:class|record struct|record|struct|interface)\s+(\w+)")]
    private static partial Regex Declaration();
}
