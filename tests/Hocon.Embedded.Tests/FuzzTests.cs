using FsCheck;
using FsCheck.Fluent;
using Hocon.Parsing;
using Hocon.Tree;

namespace Hocon.Tests;

/// <summary>No text ends in anything but a configuration or a HoconParserException, and what is read is written back equal.</summary>
public sealed class FuzzTests
{
    private static readonly string[] _tokens =
    [
        "a", "b", "c", "a.b", "a.b.c", "\"a\"", "\"\"", "=", ":", "+=", "{", "}", "[", "]", ",", "\n", " ", "\t", "#x\n", "//", "/",
        "${a}", "${?a}", "${b}", "${?b.c}", "${a.b}", "${", "?", "$", "\"", "\"\"\"", "\\", "\\u00", "1", "-", "1e", "+", "null", "true",
        "include ", "include \"x\"\n", "required(", "file(", ")", ".", "..", "0", "\u0000", "\uD800", "é", "\uFEFF", "*", "[]", "x y",
        "a=1\n", "a {b=1}\n", "a=${?a} [1]\n", "b=${a}\n", "a.b=${b}\n", "c={d=${a}}\n", "a+=${c}\n", "c=${a} ${b}\n",
    ];

    [Fact]
    public void Any_sequence_of_tokens_gives_a_value_or_a_parser_error()
    {
        var texts = Gen.Elements(_tokens).ListOf().Select(string.Concat);
        Check(texts, 20_000);
    }

    [Fact]
    public void Any_characters_give_a_value_or_a_parser_error() => Check(ArbMap.Default.GeneratorFor<string>().Where(text => text is not null), 5_000);

    [Fact]
    public void Damaged_documents_give_a_value_or_a_parser_error()
    {
        const string document = """"
            orchestrator { roles = [node, supervisor] # both
              http { host = 127.0.0.1, port = 8080, "max.size" = 16MiB }
              path = ${?HOME}"/data", list = ${orchestrator.roles} [third], list += fourth
              text = "\u0041\n" more, long = """triple" quoted"""
              include "other.conf"
              copy = ${orchestrator.http} { port = 1 } }
            """";
        var texts =
            from position in Gen.Choose(0, document.Length - 1)
            from length in Gen.Choose(0, 12)
            from token in Gen.Elements(_tokens)
            select document.Remove(position, Math.Min(length, document.Length - position)).Insert(position, token);
        Check(texts, 10_000);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[")]
    [InlineData("a={")]
    [InlineData("a=[")]
    [InlineData("a.")]
    [InlineData("a{b=[")]
    [InlineData("\"")]
    [InlineData("${")]
    [InlineData("a=${a} ")]
    [InlineData("a=${a}\n")]
    [InlineData("a=${?a}\n")]
    [InlineData("a={b=1},a=${?x}\n")]
    [InlineData("a=${?x}\n")]
    [InlineData("a+=[${a}]\n")]
    [InlineData("a={a=${?a}}\n")]
    [InlineData("a={b=${?a}{c=${?a.b}}}\n")]
    public void Long_repetitions_neither_hang_nor_exhaust_the_stack(string unit) =>
        Assert.True(Holds(string.Concat(Enumerable.Repeat(unit, 20_000))));

    private static void Check(Gen<string> texts, int count) =>
        Prop.ForAll(texts.ToArbitrary(), Holds).Check(Properties.Repeatable(count).WithEndSize(60));

    private static bool Holds(string text)
    {
        try
        {
            var config = HoconConfigurationFactory.Parse(
                new SourceText(null, text),
                new CallbackIncludes((_, name) => Task.FromResult(name == "x" ? text : null)),
                name => name == "a" ? "from the environment" : null);
            var again = Parsed.Config(config.ToString());
            return NodeRenderer.Render(config.Tree) == NodeRenderer.Render(again.Tree);
        }
        catch (HoconParserException)
        {
            return true;
        }
    }
}
