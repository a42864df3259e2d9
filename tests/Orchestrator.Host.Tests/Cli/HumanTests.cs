using Orchestrator.Host.Cli;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Tests.Cli;

public sealed class HumanTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1024 * 1024 - 1, "1.0 MiB")]
    [InlineData(-2048, "-2.0 KiB")]
    [InlineData(long.MaxValue, "8192.0 PiB")]
    public void Bytes_have_the_unit_that_reads_best(long bytes, string text) => Assert.Equal(text, Human.Bytes(bytes));

    [Theory]
    [InlineData(0.0204, "20 ms")]
    [InlineData(1.26, "1.3 s")]
    [InlineData(65, "1 min 05 s")]
    [InlineData(7380, "2 h 03 min")]
    public void Durations_have_two_parts_at_most(double seconds, string text) => Assert.Equal(text, Human.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    [InlineData("1d", 86400)]
    [InlineData("500ms", 0.5)]
    public void Times_are_read_with_their_unit(string text, double seconds)
    {
        Assert.True(Durations.TryParse(text, out var time));
        Assert.Equal(TimeSpan.FromSeconds(seconds), time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("0s")]
    [InlineData("-1s")]
    [InlineData("1.2.3s")]
    [InlineData("41d")]
    public void What_is_no_time_is_refused(string text) => Assert.False(Durations.TryParse(text, out _));
}
