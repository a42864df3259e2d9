using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Tests.Configuration;

public sealed class SettingPlacesTests
{
    [Fact]
    public void Keys_are_found_with_path_and_line()
    {
        const string text = """"
            # a comment with { braces } and a = key
            {
              a = 1, b : 2 // c = 3
              d.e { f = "text with } and \" quote", g
                = 5 }
              h = [ { x = 1 }, "]", # comment ]
                2 ]
              i = ${a} { j = 1 } ${?b} {
                k = 2
              }
              "l.m".n = """
                three = 3
              """
              o += { p = 1 }
              q = ${a}x
              r = the quick fox
            }
            """";
        Assert.Equal(
            ["3 a", "3 b", "4 d/e", "4 d/e/f", "4 d/e/g", "6 h", "8 i", "8 i/j", "9 i/k", "11 l.m/n", "14 o", "14 o/p", "15 q", "16 r"],
            new KeyScanner(text).Scan().Select(key => $"{key.Line} {string.Join('/', key.Path)}"));
    }

    [Fact]
    public void Includes_are_found_with_the_path_around_them()
    {
        const string text = """
            include "one.conf"
            a { include required(file("two.conf")), b = 1 }
            included = x
            """;
        Assert.Equal(
            [" one.conf", "a ", "a two.conf", "a/b ", "included "],
            new KeyScanner(text).Scan().Select(key => $"{string.Join('/', key.Path)} {key.Include}"));
    }

    [Fact]
    public void The_last_place_of_a_setting_counts_and_unknown_ones_take_the_object_around()
    {
        var places = new SettingPlaces();
        places.Add("first", "a.b = 1\na.c = 1", _ => null);
        places.Add("second", "\na { b = 2 }", _ => null);
        Assert.Equal("second:2", places.Of(["a", "b"]).ToString());
        Assert.Equal("first:2", places.Of(["a", "c"]).ToString());
        Assert.Equal("second:2", places.Of(["a", "z"]).ToString());
        Assert.Equal("second", places.Of(["z"]).ToString());
    }

    [Fact]
    public void Any_text_is_scanned_to_its_end()
    {
        var texts = Gen.Elements("a", "=", "{", "}", "[", "]", "\"", "\"\"\"", "\\", "${", "#", "\n", " ", ".", ",", "+=", "include ", "//", ":", "\uFEFF")
            .ListOf()
            .Select(string.Concat);
        Prop.ForAll(texts.ToArbitrary(), text => new KeyScanner(text).Scan().All(key => key.Line >= 1))
            .Check(Properties.Repeatable(5_000));
    }
}
