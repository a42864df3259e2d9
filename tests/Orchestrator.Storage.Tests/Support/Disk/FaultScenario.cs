using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage.Tests.Support.Disk;

/// <summary>A piece of a collection's life, to be repeated after it has failed.</summary>
/// <param name="Prepare">What is done before the faults.</param>
/// <param name="Act">Can be called again after it failed anywhere, also on a collection that was opened anew.</param>
internal sealed record FaultScenario(string Name, Action<CollectionStore, Model> Prepare, Action<FaultWorld> Act)
{
    /// <summary>Writes of its own, where the member may have any.</summary>
    public Action<FaultWorld> WriteAfterFault { get; private init; } = world => world.Churn(2);

    /// <summary>What is there at first.</summary>
    public Action<CollectionStore, Model, Random> Fill { get; private init; } = FillSome;

    public StorageOptions Options { get; private init; } = FaultWorld.Options;

    /// <summary>With so many long ids and keys that SQLite sorts them in files, not in memory: 250 pages of it at least.</summary>
    public static IReadOnlyList<FaultScenario> Sorting { get; } =
    [
        new("sorting the ids of a copy", Nothing, world => world.Compact(new CompactionRequest(true, [], TombstonePurge.None))) { Fill = FillMany, Options = SmallPages },
        new("sorting the keys of an index", Nothing, SortKeys) { Fill = FillMany, Options = SmallPages },
    ];

    public static IReadOnlyList<FaultScenario> All { get; } =
    [
        new("writes", Nothing, Writes),
        new("rewrite", Nothing, world => Compact(world, CompactionMode.Rewrite)),
        new("exclusive", Nothing, world => Compact(world, CompactionMode.Exclusive)),
        new("incremental", Nothing, world => Compact(world, CompactionMode.Incremental)),
        new("release", Nothing, world => Compact(world, CompactionMode.Release)),
        new("resumption", BreakOff, Resume),
        new("encoding and purge", Nothing, Encode),
        new("indexes", Nothing, Indexes),
        new("opening", BreakOff, Open),
        new("replication", Nothing, Replicate) { WriteAfterFault = NoWrites },
        new("large round", Nothing, Replicate) { WriteAfterFault = NoWrites, Options = FaultWorld.Options with { PublishedBytes = 4000 } },
        new("roll-back", GoAstray, RollBack) { WriteAfterFault = GoOnAstray },
        new("resync", Nothing, Resync) { WriteAfterFault = NoWrites },
    ];

    private static StorageOptions SmallPages => FaultWorld.Options with { PageSize = 4096, CacheBytes = 64 << 10 };

    private static void Nothing(CollectionStore store, Model model)
    {
    }

    private static void FillSome(CollectionStore store, Model model, Random random)
    {
        model.Commit(store, [.. Enumerable.Range(0, 60).Select(n => Stores.Document(random, $"d{n}", random.Next(100, 1200)))]);
        model.Commit(store, [.. model.Ids.Where(_ => random.Next(2) == 0).Select(id => Stores.Delete(id))]);
    }

    private static void FillMany(CollectionStore store, Model model, Random random)
    {
        var padding = new string('x', 480);
        foreach (var batch in Enumerable.Range(0, 2500).OrderBy(_ => random.Next()).Chunk(500))
        {
            model.Commit(store, [.. batch.Select(n => Stores.Put($"{n}-{padding}", $$"""{"number":{{n}},"name":"{{n}}-{{padding}}"}"""))]);
        }
    }

    private static void SortKeys(FaultWorld world)
    {
        Stores.AddIndex(world.Store, new IndexDefinition("by-name", "name"));
        world.Churn(3);
        world.Compact(new CompactionRequest(false, ["by-name"], TombstonePurge.None));
        world.Store.RemoveIndex("by-name");
        world.Store.CleanIndexes();
    }

    private static void NoWrites(FaultWorld world)
    {
    }

    private static void GoOnAstray(FaultWorld world)
    {
        if (world.Store.IsComplete && world.Store.Feed.TermHistory.Count == 1)
        {
            world.Churn(2);
        }
    }

    private static void Writes(FaultWorld world)
    {
        for (var i = 0; i < 6; i++)
        {
            world.Churn(8);
        }

        world.Store.Checkpoint();
        world.Churn(3);
        Assert.Equal(world.Model.Count, world.Store.Checksum().Documents);
    }

    private static void Compact(FaultWorld world, CompactionMode mode)
    {
        world.Compact(ModeTests.Request(mode));
        world.Churn(5);
    }

    private static void BreakOff(CollectionStore store, Model model)
    {
        using (var job = store.Compaction.Start(CompactionRequest.Everything))
        {
            job.RunOnline(CancellationToken.None);
        }

        model.Commit(store, CompactionTests.Churn(new Random(8), model, 10));
    }

    private static void Resume(FaultWorld world)
    {
        world.Compact(CompactionRequest.Everything);
        world.Compact(CompactionRequest.Everything, breakOffAfter: 4);
        world.Churn(5);
        world.Compact(CompactionRequest.Everything, breakOffAfter: 9);
        world.Compact(CompactionRequest.Everything);
    }

    private static void Encode(FaultWorld world)
    {
        world.Store.ChangeSettings(CompressionSetting.Create("brotli", 1), null);
        world.Compact(CompactionRequest.Everything with { Purge = new TombstonePurge(DateTimeOffset.MaxValue, world.Model.LastSeq / 2) });
        world.Compact(ModeTests.Request(CompactionMode.Incremental) with { Purge = new TombstonePurge(DateTimeOffset.MaxValue, world.Model.LastSeq) });
        world.Store.ChangeSettings(CompressionSetting.None, null);
        world.Compact(CompactionRequest.Everything);
    }

    private static void Indexes(FaultWorld world)
    {
        if (world.Store.Indexes.Contains(Stores.ByNumber))
        {
            world.Store.RemoveIndex(Stores.ByNumber.Name);
        }

        world.Churn(4);
        Stores.AddIndex(world.Store, Stores.ByNumber);
        world.Store.RemoveIndex(Stores.ByNumber.Name);
        world.Store.CleanIndexes();
        using (var build = world.Store.StartIndex(Stores.ByNumber))
        {
            Assert.NotNull(build);
            do
            {
                build.RunOnline(CancellationToken.None);
                world.Churn(3);
            }
            while (world.Store.FinishIndex(build) != FinishOutcome.Done);
        }

        world.Churn(3);
    }

    private static void Open(FaultWorld world)
    {
        world.Churn(2);
        world.Close();
        world.Open();
        world.Churn(2);
    }

    /// <summary>The source has changes of a new term, which come in pieces, and then a few at once.</summary>
    private static void Replicate(FaultWorld world)
    {
        world.Lead(25);
        world.Replicate(pieces: 7);
        world.Lead(3);
        world.Replicate(pieces: 1000);
    }

    private static void GoAstray(CollectionStore store, Model model)
    {
        var random = new Random(4);
        model.Commit(store, [.. CompactionTests.Churn(random, model, 15), Stores.Document(random, "astray", 500)]);
    }

    /// <summary>The source has gone on in a new term from where this member has changes of its own.</summary>
    private static void RollBack(FaultWorld world)
    {
        var end = world.Source.Feed.EndOfTerm(1).Seq;
        world.Lead(6);
        if (world.Store.Feed.EndOfTerm(2).Term < 2 && world.Store.Position.Seq > end)
        {
            world.ExpectOr(world.SourceModel);
            world.Store.Feed.RollBack(end);
        }

        world.Replicate(pieces: 1000);
        foreach (var id in world.Store.Feed.PendingRefetch(1000))
        {
            world.Store.Feed.CompleteRefetch(id, world.Source.GetChange(id));
        }

        world.Replicate(pieces: 1000);
        Assert.True(world.Store.IsComplete);
    }

    private static void Resync(FaultWorld world)
    {
        world.ExpectOr(world.SourceModel);
        CollectionStore.OrderResync(world.Store.Directory, StorageOptions.Default with { Files = new DiskFiles(world.Disk) });
        world.Close();
        world.Open();
        Assert.False(world.Store.IsComplete);
        world.Replicate(pieces: 20);
        Assert.True(world.Store.IsComplete);
    }
}
