using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Tests.Support;
using Xunit.Abstractions;

namespace Orchestrator.Storage.Tests;

public sealed class EstimateTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData(1, 200, 20_000, 3000, 4096)]
    [InlineData(2, 200, 20_000, 3000, 8192)]
    [InlineData(3, 200, 20_000, 3000, 16384)]
    [InlineData(4, 200, 400, 6000, 8192)]
    [InlineData(5, 3000, 5000, 2000, 8192)]
    [InlineData(6, 1000, 1100, 5000, 4096)]
    public void What_a_compaction_frees_is_within_15_percent_of_the_estimate(int seed, int minBytes, int maxBytes, int count, int pageSize)
    {
        var random = new Random(seed);
        using var store = Stores.Open(directory, Stores.Small with { PageSize = pageSize }, null, Stores.ByCity, Stores.ByNumber);
        var ids = Stores.Fill(store, random, count, minBytes, maxBytes);
        Stores.DeleteShare(store, random, ids, 0.6);

        var estimates = store.Estimate(CompactionRequest.Everything);
        var result = Stores.Compact(store);

        for (var i = 0; i < estimates.Count; i++)
        {
            var (estimate, unit) = (estimates[i], result.Units[i]);
            output.WriteLine($"{unit.Unit}: {unit.FileBytesBefore} -> {unit.FileBytesAfter}, freed {unit.BytesFreed}, estimated {estimate.BytesFreed}");
            Assert.Equal(estimate.Unit, unit.Unit);
            Assert.InRange(estimate.BytesFreed, unit.BytesFreed * 0.85, unit.BytesFreed * 1.15);
            Assert.True(unit.BytesFreed > 0);
        }

        var sizes = store.Sizes();
        foreach (var unit in sizes.Units)
        {
            output.WriteLine($"{unit}");
            Assert.InRange(unit.FileBytes, unit.LiveBytes * 0.95, unit.LiveBytes * 1.05);
            Assert.Equal(0, unit.FreeListBytes);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(30)]
    public void Nothing_is_promised_for_a_file_that_is_as_small_as_its_tables_allow(int documents)
    {
        using var store = Stores.Open(directory, StorageOptions.Default with { MinimumFreeDiskBytes = 0 }, null, Stores.ByCity);
        Stores.Fill(store, new Random(21), documents, 100, 200);
        store.Checkpoint();

        Assert.All(store.Estimate(CompactionRequest.Everything), estimate => Assert.Equal(0, estimate.BytesFreed));

        Stores.Compact(store);
        Assert.All(store.Sizes().Units, unit => Assert.Equal(unit.DatabaseBytes, unit.LiveBytes));
    }

    [Theory]
    [InlineData(11, "brotli", 200, 20_000, 3000)]
    [InlineData(12, "deflate", 3000, 5000, 2000)]
    [InlineData(13, "brotli", 600, 900, 12_000)]
    public void What_another_compression_brings_is_told_from_a_sample(int seed, string codec, int minBytes, int maxBytes, int count)
    {
        var random = new Random(seed);
        using var store = Stores.Open(directory, StorageOptions.Default with { MinimumFreeDiskBytes = 0 });
        Stores.Fill(store, random, count, minBytes, maxBytes);
        store.Checkpoint();
        var plain = Assert.Single(store.Estimate(CompactionRequest.Everything));
        store.ChangeSettings(CompressionSetting.Create(codec), null);

        var estimate = Assert.Single(store.Estimate(CompactionRequest.Everything));
        Assert.Equal((false, true), (plain.Sampled, estimate.Sampled));
        Assert.Equal(estimate, Assert.Single(store.Estimate(CompactionRequest.Everything)));
        Assert.False(Assert.Single(store.Estimate(CompactionRequest.Everything with { Mode = CompactionMode.Incremental })).Sampled);
        var unit = Assert.Single(Stores.Compact(store).Units);

        output.WriteLine($"freed {unit.BytesFreed}, estimated {estimate.BytesFreed}, without compression {plain.BytesFreed}");
        Assert.InRange(estimate.BytesFreed, unit.BytesFreed * 0.85, unit.BytesFreed * 1.15);
        Assert.False(Assert.Single(store.Estimate(CompactionRequest.Everything)).Sampled);
    }
}
