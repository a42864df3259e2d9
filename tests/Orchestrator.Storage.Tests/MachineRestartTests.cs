using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

/// <summary>What a start of the machine, after a loss of power too, leaves of a partial copy.</summary>
public sealed class MachineRestartTests : IDisposable
{
    private const string First = "first";
    private const string Second = "second";
    private readonly TemporaryDirectory directory = new();
    private readonly Model model = new();

    public static TheoryData<string> OnlinePoints { get; } =
        [Failpoints.CopyCreated, Failpoints.BatchCopied, Failpoints.OrderBuilt, Failpoints.CaughtUp, Failpoints.Verified];

    public void Dispose() => directory.Dispose();

    [Theory]
    [MemberData(nameof(OnlinePoints))]
    public void A_copy_that_was_being_written_is_made_anew_after_a_restart_of_the_machine(string point)
    {
        var image = ImageAt(point, First);
        using var store = Stores.OpenAt(image, On(Second));
        Assert.Equal(StartUpState.Discarded, store.OpenReport.State);
        CompactAndCompare(store);
    }

    [Theory]
    [MemberData(nameof(OnlinePoints))]
    public void A_copy_that_was_being_written_is_gone_on_with_when_only_the_process_ended(string point)
    {
        var image = ImageAt(point, First);
        using var store = Stores.OpenAt(image, On(First));
        Assert.Equal(StartUpState.Resumable, store.OpenReport.State);
        CompactAndCompare(store);
    }

    [Theory]
    [MemberData(nameof(OnlinePoints))]
    public void Where_the_start_of_the_machine_is_not_known_every_batch_is_durable(string point)
    {
        var image = ImageAt(point, boot: null);
        using var store = Stores.OpenAt(image, On(Second));
        Assert.Equal(StartUpState.Resumable, store.OpenReport.State);
        CompactAndCompare(store);
    }

    [Theory]
    [MemberData(nameof(OnlinePoints))]
    public void An_interrupted_compaction_goes_on_after_a_restart_of_the_machine(string point)
    {
        using (var cancel = new CancellationTokenSource())
        using (var store = Filled(On(First) with { Failpoint = hit => CancelAt(hit, point, cancel) }))
        using (var job = store.Compaction.Start(CompactionRequest.Everything))
        {
            Assert.Throws<OperationCanceledException>(() => job.RunOnline(cancel.Token));
        }

        using var again = Stores.Open(directory, On(Second));
        Assert.Equal(StartUpState.Resumable, again.OpenReport.State);
        CompactAndCompare(again);
    }

    [Fact]
    public void A_copy_that_is_gone_on_with_is_not_durable_any_more()
    {
        using (var cancel = new CancellationTokenSource())
        using (var store = Filled(On(First) with { Failpoint = hit => CancelAt(hit, Failpoints.BatchCopied, cancel) }))
        using (var job = store.Compaction.Start(CompactionRequest.Everything))
        {
            Assert.Throws<OperationCanceledException>(() => job.RunOnline(cancel.Token));
        }

        string? image = null;
        using (var store = Stores.Open(directory, On(First) with
        {
            Failpoint = hit => image ??= hit == Failpoints.BatchCopied ? directory.Snapshot("second") : null,
        }))
        using (var job = store.Compaction.Start(CompactionRequest.Everything))
        {
            job.RunOnline(CancellationToken.None);
        }

        using var again = Stores.OpenAt(image!, On(Second));
        Assert.Equal(StartUpState.Discarded, again.OpenReport.State);
        model.AssertEqual(again);
    }

    private static StorageOptions On(string? boot) => Stores.Small with { Files = new FaultyFiles { Boot = boot } };

    private static void CancelAt(string hit, string point, CancellationTokenSource cancel)
    {
        if (hit == point)
        {
            cancel.Cancel();
        }
    }

    private CollectionStore Filled(StorageOptions options)
    {
        var store = Stores.Open(directory, options);
        var random = new Random(31);
        model.Commit(store, [.. Enumerable.Range(0, 300).Select(i => Stores.Document(random, $"d{i}", 700))]);
        return store;
    }

    /// <summary>The files as they are at a point of the compaction.</summary>
    private string ImageAt(string point, string? boot)
    {
        string? image = null;
        using var store = Filled(On(boot) with { Failpoint = hit => image ??= hit == point ? directory.Snapshot("image") : null });
        using var job = store.Compaction.Start(CompactionRequest.Everything);
        job.RunOnline(CancellationToken.None);
        return image!;
    }

    private void CompactAndCompare(CollectionStore store)
    {
        model.AssertEqual(store);
        Stores.Compact(store);
        model.AssertEqual(store);
    }
}
