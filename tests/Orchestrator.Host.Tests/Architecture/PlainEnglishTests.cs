using System.Text.RegularExpressions;

namespace Orchestrator.Host.Tests.Architecture;

/// <summary>What people read is the English of technical documentation.</summary>
public sealed partial class PlainEnglishTests
{
    [Fact]
    public void No_text_of_the_product_has_a_turn_of_speech_that_people_stumble_over()
    {
        var sources = Repository.PathOf("src");
        var found =
            from file in Directory.EnumerateFiles(sources, "*", SearchOption.AllDirectories)
            where file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".razor", StringComparison.Ordinal)
            where !file.Split(Path.DirectorySeparatorChar).Any(folder => folder is "obj" or "bin")
            from line in File.ReadLines(file).Select((text, index) => (Text: text, Number: index + 1))
            where !line.Text.TrimStart().StartsWith("//", StringComparison.Ordinal)
            from Match text in Text().Matches(line.Text)
            where Stilted().IsMatch(text.Value)
            select $"{Path.GetRelativePath(sources, file)}:{line.Number}: {text.Value}";

        Assert.Empty(found);
    }

    [Theory]
    [InlineData("'x' is no mode", true)]
    [InlineData("Who are you?", true)]
    [InlineData("has not the role that this needs: operator", true)]
    [InlineData("how full the disk of X is is not known", true)]
    [InlineData("nobody has to prove who he is", true)]
    [InlineData("engines that are not ours", true)]
    [InlineData("as long as something is heard of it", true)]
    [InlineData("there is no mode 'x'", false)]
    [InlineData("node-1 is no longer a member", false)]
    public void The_rule_knows_them(string text, bool stumbles) => Assert.Equal(stumbles, Stilted().IsMatch(text));

    [GeneratedRegex(@"""(?:[^""\\]|\\.)*""|>[^<>{}@]+<")]
    private static partial Regex Text();

    [GeneratedRegex(
        @"(?<!\bthere )\bis no (?!longer\b)|\bhas not the\b|\bwho are you\b|\bis is\b|\bnobody has to\b|\bnot ours\b|\bis heard of\b"
        + @"|\b(?:thereof|therein|hitherto|whereupon|whence|thence|albeit|shall|ere|unto)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Stilted();
}
