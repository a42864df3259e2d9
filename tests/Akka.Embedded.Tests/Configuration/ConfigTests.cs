using Akka.Configuration;

namespace Akka.Embedded.Tests.Configuration;

public sealed class ConfigTests
{
    private static readonly Config _config = ConfigurationFactory.ParseString(
        """
        # a comment
        text = hello
        quoted = "hello world"
        number = 42
        big = 9000000000
        fraction = 1.5
        truth { a = on, b = false, c = true, d = off }
        span { a = 10s, b = 500 ms, c = 2 minutes, d = infinite, e = 250 }
        size { a = 512b, b = 128KiB, c = 1 MiB, d = 77 }
        list = [a, b, "c d"]
        nested.deep { key = value }
        "quoted.key" = found
        reference = ${text}
        """);

    [Fact]
    public void Values_are_read_by_type()
    {
        Assert.Equal("hello", _config.GetString("text"));
        Assert.Equal("hello world", _config.GetString("quoted"));
        Assert.Equal(42, _config.GetInt("number"));
        Assert.Equal(9000000000, _config.GetLong("big"));
        Assert.Equal(1.5, _config.GetDouble("fraction"));
        Assert.Equal(["a", "b", "c d"], _config.GetStringList("list"));
        Assert.Equal("value", _config.GetString("nested.deep.key"));
        Assert.Equal("found", _config.GetString("\"quoted.key\""));
        Assert.Equal("hello", _config.GetString("reference"));
    }

    [Fact]
    public void Truth_values_are_read()
    {
        Assert.True(_config.GetBoolean("truth.a"));
        Assert.False(_config.GetBoolean("truth.b"));
        Assert.True(_config.GetBoolean("truth.c"));
        Assert.False(_config.GetBoolean("truth.d"));
    }

    [Fact]
    public void Durations_are_read()
    {
        Assert.Equal(TimeSpan.FromSeconds(10), _config.GetTimeSpan("span.a"));
        Assert.Equal(TimeSpan.FromMilliseconds(500), _config.GetTimeSpan("span.b"));
        Assert.Equal(TimeSpan.FromMinutes(2), _config.GetTimeSpan("span.c"));
        Assert.Equal(Timeout.InfiniteTimeSpan, _config.GetTimeSpan("span.d"));
        Assert.Equal(TimeSpan.FromMilliseconds(250), _config.GetTimeSpan("span.e"));
    }

    [Fact]
    public void Sizes_are_read()
    {
        Assert.Equal(512, _config.GetByteSize("size.a"));
        Assert.Equal(128 * 1024, _config.GetByteSize("size.b"));
        Assert.Equal(1024 * 1024, _config.GetByteSize("size.c"));
        Assert.Equal(77, _config.GetByteSize("size.d"));
        Assert.Null(_config.GetByteSize("missing"));
        Assert.Equal(5, _config.GetByteSize("missing", 5));
    }

    [Fact]
    public void A_missing_key_gives_the_default()
    {
        Assert.Null(_config.GetString("missing"));
        Assert.Equal("x", _config.GetString("missing", "x"));
        Assert.Equal(0, _config.GetInt("missing"));
        Assert.Equal(7, _config.GetInt("missing", 7));
        Assert.Equal(0, _config.GetLong("missing"));
        Assert.Equal(0, _config.GetDouble("missing"));
        Assert.False(_config.GetBoolean("missing"));
        Assert.True(_config.GetBoolean("missing", true));
        Assert.Equal(TimeSpan.Zero, _config.GetTimeSpan("missing"));
        Assert.Equal(TimeSpan.FromSeconds(1), _config.GetTimeSpan("missing", TimeSpan.FromSeconds(1)));
        Assert.Empty(_config.GetStringList("missing"));
        Assert.Null(_config.GetConfig("missing"));
    }

    [Theory]
    [InlineData("int")]
    [InlineData("long")]
    [InlineData("double")]
    [InlineData("bool")]
    [InlineData("span")]
    [InlineData("size")]
    public void A_value_of_another_type_is_refused(string type) => Assert.ThrowsAny<Exception>(() => (object?)(type switch
    {
        "int" => _config.GetInt("text"),
        "long" => _config.GetLong("text"),
        "double" => _config.GetDouble("text"),
        "bool" => _config.GetBoolean("text"),
        "span" => _config.GetTimeSpan("text"),
        _ => _config.GetByteSize("text"),
    }));

    [Fact]
    public void HasPath_and_IsEmpty_tell_what_is_there()
    {
        Assert.True(_config.HasPath("nested.deep"));
        Assert.False(_config.HasPath("nested.shallow"));
        Assert.False(_config.IsEmpty);
        Assert.True(ConfigurationFactory.Empty.IsEmpty);
        Assert.True(ConfigurationFactory.ParseString("").IsEmpty);
    }

    [Fact]
    public void A_part_is_a_configuration_of_its_own()
    {
        var part = _config.GetConfig("nested");
        Assert.Equal("value", part!.GetString("deep.key"));
        Assert.False(part.HasPath("text"));
    }

    [Fact]
    public void A_fallback_gives_what_is_missing()
    {
        var merged = ConfigurationFactory.ParseString("a { x = 1 }, list = [1]")
            .WithFallback(ConfigurationFactory.ParseString("a { x = 2, y = 3 }, list = [2, 3], b = 4"));
        Assert.Equal(1, merged.GetInt("a.x"));
        Assert.Equal(3, merged.GetInt("a.y"));
        Assert.Equal(["1"], merged.GetStringList("list"));
        Assert.Equal(4, merged.GetInt("b"));
        Assert.Equal(3, merged.GetConfig("a")!.GetInt("y"));
    }

    [Fact]
    public void Text_is_a_configuration_too()
    {
        Config config = "a = 5";
        Assert.Equal(5, config.GetInt("a"));
    }

    [Fact]
    public void What_is_no_HOCON_is_refused() => Assert.ThrowsAny<Exception>(() => ConfigurationFactory.ParseString("a = [1, 2"));

    [Fact]
    public void The_reference_configuration_has_the_defaults()
    {
        var config = ConfigurationFactory.Default();
        Assert.Equal("local", config.GetString("akka.actor.provider"));
        Assert.Equal("INFO", config.GetString("akka.loglevel"));
        Assert.Equal(10, config.GetInt("akka.log-dead-letters"));
        Assert.True(config.GetBoolean("akka.coordinated-shutdown.terminate-actor-system"));
    }

    [Fact]
    public void Every_key_of_the_reference_configuration_has_a_comment()
    {
        var assembly = typeof(Config).Assembly;
        using var reader = new StreamReader(assembly.GetManifestResourceStream(
            assembly.GetManifestResourceNames().Single(name => name.EndsWith("akka.reference.conf", StringComparison.Ordinal)))!);
        var lines = reader.ReadToEnd().Split('\n').Select(line => line.Trim()).ToList();
        for (var i = 1; i < lines.Count; i++)
        {
            var isSetting = lines[i].Contains(" = ", StringComparison.Ordinal) && !lines[i].StartsWith('#') && !lines[i].StartsWith('"');
            var isExplained = lines[i - 1].StartsWith('#') || lines[i].StartsWith("depends-on", StringComparison.Ordinal) ||
                lines[i].StartsWith("timeout", StringComparison.Ordinal) || lines[i].StartsWith("bytes", StringComparison.Ordinal);
            Assert.True(!isSetting || isExplained, $"No comment above: {lines[i]}");
        }
    }
}
