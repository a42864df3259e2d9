using System.Text.RegularExpressions;

namespace Orchestrator.Host.Tests.Architecture;

/// <summary>A class is one subject: none has more than 400 lines in all its parts together.</summary>
public sealed partial class ClassSizeTests
{
    private const int MaxLines = 400;

    // Those that are still larger, each with the most lines that it may have. Lower a number when the class has shrunk; add none.
    private static readonly Dictionary<string, int> Larger = new(StringComparer.Ordinal)
    {
        ["Orchestrator.Actors.MemberActor"] = 450,
        ["Orchestrator.Embedded.NodeActor"] = 1810,
    };

    [Fact]
    public void No_class_has_more_lines_than_it_may()
    {
        var tooLarge = Sizes()
            .Where(size => size.Value > Larger.GetValueOrDefault(size.Key, MaxLines))
            .Select(size => $"{size.Key} has {size.Value} lines, of at most {Larger.GetValueOrDefault(size.Key, MaxLines)}");

        Assert.Equal([], tooLarge);
    }

    [Fact]
    public void Only_classes_that_are_still_larger_are_excepted()
    {
        var sizes = Sizes();

        Assert.Equal([], Larger.Keys.Where(name => sizes.GetValueOrDefault(name) <= MaxLines));
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
