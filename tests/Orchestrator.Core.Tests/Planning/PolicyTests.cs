using System.Text.Json;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Tests.Planning;

public class PolicyTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 8)]
    [InlineData(20, 300)]
    [InlineData(int.MaxValue, 300)]
    public void The_pause_before_a_retry_doubles_up_to_a_limit(int attempt, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), CompactionPolicy.Default.BackoffAfter(attempt));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(-3 << 20, "-3 MiB")]
    [InlineData(long.MaxValue, "8 EiB")]
    public void Bytes_read_well(long bytes, string text) => Assert.Equal(text, ByteText.Of(bytes));

    [Theory]
    [InlineData("\"all\"", true)]
    [InlineData("\"none\"", false)]
    [InlineData("[\"by-day\",\"by-city\"]", true)]
    [InlineData("[\"by-day\"]", false)]
    public void Index_selections_survive_json(string json, bool coversByCity)
    {
        var selection = JsonSerializer.Deserialize<IndexSelection>(json)!;

        Assert.Equal(coversByCity, selection.Covers("by-city"));
        Assert.Equal(json, JsonSerializer.Serialize(selection));
    }

    [Theory]
    [InlineData("\"some\"")]
    [InlineData("3")]
    [InlineData("[3]")]
    public void A_wrong_index_selection_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<IndexSelection>(json));
}
