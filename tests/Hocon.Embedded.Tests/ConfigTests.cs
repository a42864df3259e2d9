using Hocon.Tree;
using Hocon.Units;

namespace Hocon.Tests;

public sealed class ConfigTests
{
    [Fact]
    public void Getters_convert_scalars()
    {
        var config = Parsed.Config("i = 5, q = \"6\", d = 1.5, b = on, s = text, l = [a, 1, true], big = 9223372036854775807, w = 2.0");
        Assert.Equal(5, config.GetInt("i"));
        Assert.Equal(6, config.GetInt("q"));
        Assert.Equal(2, config.GetInt("w"));
        Assert.Equal(long.MaxValue, config.GetLong("big"));
        Assert.Equal(1.5, config.GetDouble("d"));
        Assert.True(config.GetBoolean("b"));
        Assert.Equal("5", config.GetString("i"));
        Assert.Equal(["a", "1", "true"], config.GetStringList("l"));
    }

    [Fact]
    public void Missing_and_null_values_take_the_default_or_throw()
    {
        var config = Parsed.Config("n = null");
        foreach (var path in (string[])["n", "missing", "missing.deeper"])
        {
            Assert.False(config.HasPath(path));
            Assert.Equal("x", config.GetString(path, "x"));
            Assert.Null(config.GetString(path, null));
            Assert.Equal(1, config.GetInt(path, 1));
            Assert.Equal(2, config.GetLong(path, 2));
            Assert.Equal(3.5, config.GetDouble(path, 3.5));
            Assert.True(config.GetBoolean(path, true));
            Assert.Equal(TimeSpan.FromSeconds(4), config.GetTimeSpan(path, TimeSpan.FromSeconds(4)));
            Assert.Equal(5, config.GetByteSize(path, 5));
            Assert.Equal(["y"], config.GetStringList(path, ["y"]));
            Assert.True(config.GetConfig(path).IsEmpty);
            Assert.Equal(path, Assert.Throws<HoconValueException>(() => config.GetInt(path)).FailPath);
        }
    }

    [Theory]
    [InlineData("x", "expected a whole number, found \"x\"")]
    [InlineData("1.5", "expected a whole number, found \"1.5\"")]
    [InlineData("3000000000", "expected a whole number from -2147483648 to 2147483647, found \"3000000000\"")]
    [InlineData("[1]", "expected a whole number, found an array")]
    [InlineData("{}", "expected a whole number, found an object")]
    public void A_wrong_type_names_path_line_and_what_was_found(string value, string problem)
    {
        var error = Assert.Throws<HoconValueException>(() => Parsed.Config($"x = 1\na.b = {value}").GetInt("a.b"));
        Assert.Equal($"a.b (line 2): {problem}", error.Message);
        Assert.Equal("a.b", error.FailPath);
    }

    [Theory]
    [InlineData("10s", 10_000)]
    [InlineData("10", 10)]
    [InlineData("10 ms", 10)]
    [InlineData("\" 1.5 minutes \"", 90_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("1 day", 86_400_000)]
    [InlineData("3m", 180_000)]
    [InlineData("1000us", 1)]
    [InlineData("1000000 nanoseconds", 1)]
    [InlineData("-5s", -5_000)]
    [InlineData("0.5", 0.5)]
    public void Durations(string text, double milliseconds) =>
        Assert.Equal(milliseconds, Parsed.Config($"a = {text}").GetTimeSpan("a").TotalMilliseconds);

    [Theory]
    [InlineData("10 S")]
    [InlineData("s")]
    [InlineData("10 s s")]
    [InlineData("1,5s")]
    [InlineData("99999999999999d")]
    [InlineData("1e3s")]
    [InlineData("infinitely")]
    public void What_is_no_duration_is_refused(string text) =>
        Assert.Throws<HoconValueException>(() => Parsed.Config($"a = \"{text}\"").GetTimeSpan("a"));

    [Fact]
    public void Infinite_is_a_duration_where_it_is_allowed()
    {
        var config = Parsed.Config("a = infinite");
        Assert.Equal(Timeout.InfiniteTimeSpan, config.GetTimeSpan("a"));
        Assert.Throws<HoconValueException>(() => config.GetTimeSpan("a", allowInfinite: false));
    }

    [Theory]
    [InlineData("512", 512)]
    [InlineData("512B", 512)]
    [InlineData("1kB", 1000)]
    [InlineData("1K", 1024)]
    [InlineData("1k", 1024)]
    [InlineData("16MiB", 16 * 1024 * 1024)]
    [InlineData("2 megabytes", 2_000_000)]
    [InlineData("0.5 GiB", 512L * 1024 * 1024)]
    [InlineData("7Ei", 7L << 60)]
    [InlineData("0Y", 0)]
    public void Sizes(string text, long bytes) => Assert.Equal(bytes, Parsed.Config($"a = {text}").GetByteSize("a"));

    [Theory]
    [InlineData("1KB")]
    [InlineData("-1")]
    [InlineData("8EiB")]
    [InlineData("1YB")]
    [InlineData("x")]
    [InlineData("1 mib")]
    public void What_is_no_size_is_refused(string text) =>
        Assert.Throws<HoconValueException>(() => Parsed.Config($"a = {text}").GetByteSize("a"));

    [Theory]
    [InlineData("7", 0, 0, 7)]
    [InlineData("2 weeks", 0, 0, 14)]
    [InlineData("3m", 0, 3, 0)]
    [InlineData("1y", 1, 0, 0)]
    public void Periods_of_the_calendar(string text, int years, int months, int days) =>
        Assert.Equal(new Period(years, months, days), Periods.Parse(new ScalarNode(Origin.None, text, ScalarKind.Unquoted)));

    [Theory]
    [InlineData("1.5d")]
    [InlineData("1s")]
    [InlineData("99999999y")]
    public void What_is_no_period_is_refused(string text) =>
        Assert.Throws<HoconException>(() => Periods.Parse(new ScalarNode(Origin.None, text, ScalarKind.Unquoted)));

    [Fact]
    public void A_fallback_gives_what_is_missing_and_merges_objects()
    {
        var config = Parsed.Config("a { x = 1 }, n = null, b = 5")
            .WithFallback(Parsed.Config("a { x = 2, y { z = 3 } }, n = 7, b { c = 1 }, d = [1]"))
            .WithFallback(Parsed.Config("a.y.w = 4, b.c = 2"));
        Assert.Equal(
            "{\"a\": {\"x\": 1, \"y\": {\"z\": 3, \"w\": 4}}, \"n\": null, \"b\": 5, \"d\": [1]}",
            NodeRenderer.Render(config.Tree, 0));
    }

    [Fact]
    public void A_value_that_hides_an_object_hides_the_fallbacks_behind_it_too()
    {
        var config = Parsed.Config("a { x = 1 }").WithFallback(Parsed.Config("a = 42").WithFallback(Parsed.Config("a { y = 2 }")));
        Assert.Equal("{\"a\": {\"x\": 1}}", NodeRenderer.Render(config.Tree, 0));
    }

    [Fact]
    public void Origins_are_kept_through_merging_and_fallbacks()
    {
        var config = Parsed.Config("a {\n b = 1\n}\na.c = 2").WithFallback(Parsed.Config("\n\n\n\na.d = 3"));
        Assert.Equal((2, 4, 5), (LineOf("a.b"), LineOf("a.c"), LineOf("a.d")));

        int LineOf(string path) => config.Tree.Find(PathExpression.Parse(path))!.Origin.Line;
    }

    [Fact]
    public void Values_can_be_walked_in_the_order_of_the_text()
    {
        var config = Parsed.Config("z = 1, a = \"1\", l = [x], o { k = true }, n = null");
        Assert.Equal(
            [("z", HoconType.Number), ("a", HoconType.String), ("l", HoconType.Array), ("o", HoconType.Object), ("n", HoconType.Empty)],
            config.AsEnumerable().Select(field => (field.Key, field.Value.Type)));
        Assert.Equal("x", config.GetValue("l").GetArray()[0].GetString());
        Assert.Equal(HoconType.Boolean, config.GetObject("o")["k"].Type);
        Assert.Throws<HoconException>(() => config.GetValue("l").GetString());
        Assert.Throws<HoconException>(() => config.GetValue("l").GetObject());
        Assert.Throws<HoconException>(() => config.GetValue("z").GetArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("\"a")]
    public void A_malformed_path_is_an_error(string path) => Assert.Throws<HoconException>(() => Parsed.Config("a=1").HasPath(path));
}
