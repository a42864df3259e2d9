using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

/// <summary>The first copy of a collection, whose pieces are stored as they come.</summary>
public sealed class FirstCopyTests : IDisposable
{
    private static readonly StorageOptions Piecewise = Stores.Small with { FirstCopyChanges = 0 };
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void It_is_stored_piece_by_piece_and_neither_read_nor_vouched_for_until_it_is_whole()
    {
        using var source = Source(100);
        using var member = OpenMember();

        foreach (var expected in (int[])[30, 60, 90])
        {
            member.Feed.Apply(source.ReadChanges(member.Feed.ReceivedThrough.Seq, 30));
            Assert.Equal((expected, expected), (member.Feed.ReceivedThrough.Seq, member.Sizes().Documents));
            Assert.Equal((FeedPosition.Empty, true, true, false), (member.Position, member.IsBeingCopied, member.IsComplete, member.IsWhole));
            Assert.Throws<CollectionBeingCopiedException>(() => member.Get("d1"));
            Assert.Throws<CollectionBeingCopiedException>(() => member.Scan().ToList());
            Assert.Throws<CollectionBeingCopiedException>(() => member.ReadChanges(0));
            Assert.Throws<CollectionBeingCopiedException>(() => member.LookUp("by-number", new(null, null)));
            Assert.Throws<CompactionRefusedException>(() => member.Compaction.Start(CompactionRequest.Everything));
        }

        member.Feed.Apply(source.ReadChanges(90, 30));
        Assert.True(member.IsWhole);
        AssertEqual(source, member);
        source.Commit([Stores.Delete("d1")], 1);
        FeedTests.Replicate(source, member);
        AssertEqual(source, member);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_is_written_and_dropped_meanwhile_it_is_what_the_source_has_in_the_end(int seed)
    {
        var random = new Random(seed);
        var time = new ManualTime();
        using var source = Stores.Open(directory, null, time, Stores.ByNumber);
        source.Commit([.. Enumerable.Range(0, 60).Select(i => Stores.Document(random, $"d{i}", 200))], 1);
        var member = OpenMember();
        var begunAnew = 0;
        for (var step = 0; step < 300 && (step < 100 || member.Position != source.Position); step++)
        {
            switch (step < 100 ? random.Next(6) : 5)
            {
                case 0 or 1:
                    source.Commit([.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.Next(80)).Distinct()
                        .Select(id => random.Next(3) == 0 ? Stores.Delete($"d{id}") : Stores.Document(random, $"d{id}", 200))], 1);
                    break;
                case 2 when random.Next(8) == 0:
                    time.Advance(TimeSpan.FromHours(1));
                    Stores.Compact(source, CompactionRequest.Everything with { Purge = new TombstonePurge(time.GetUtcNow(), source.Position.Seq) });
                    break;
                case 3:
                    member.Dispose();
                    member = OpenMember();
                    break;
                default:
                    begunAnew += Pull(source, member) ? 0 : 1;
                    break;
            }
        }

        AssertEqual(source, member);
        Assert.True(begunAnew < 20, $"seed {seed}: it began anew {begunAnew} times");
        Assert.Empty(member.Verify().Problems);
        member.Dispose();
    }

    [Fact]
    public void A_crash_in_the_middle_leaves_what_is_copied_and_it_goes_on_from_there()
    {
        using var source = Source(100);
        using (var member = OpenMember())
        {
            member.Feed.Apply(source.ReadChanges(0, 40));
        }

        var crashed = Path.Combine(directory.Path, "crashed");
        Copy(Path.Combine(directory.Path, "member"), crashed);
        using var again = Stores.OpenAt(crashed, Piecewise, null, Stores.ByNumber);
        Assert.True(again.IsBeingCopied);
        Assert.Equal((FeedPosition.Empty, new FeedPosition(1, 40)), (again.Position, again.Feed.ReceivedThrough));
        Assert.Contains(again.OpenReport.Notes, note => note.Contains("after change 40", StringComparison.Ordinal));
        again.Feed.Apply(source.ReadChanges(40, 100));
        AssertEqual(source, again);
    }

    [Fact]
    public void Another_source_that_has_all_of_the_former_ones_goes_on_with_it_and_any_other_begins_it_anew()
    {
        using var source = Source(100);
        using var successor = Stores.OpenAt(Path.Combine(directory.Path, "successor"));
        FeedTests.Replicate(source, successor);
        using var behind = Stores.OpenAt(Path.Combine(directory.Path, "behind"));
        behind.Feed.Apply(source.ReadChanges(0, 50) with { Last = new FeedPosition(1, 50) });
        behind.Commit([.. Enumerable.Range(0, 80).Select(i => Stores.Put($"b{i}", "{}"))], 3);
        using var member = OpenMember();
        member.Feed.Apply(source.ReadChanges(0, 30));

        member.Feed.ForgetSource();
        successor.Commit([Stores.Delete("d2"), Stores.Put("n", "{}")], 2);
        member.Feed.Apply(successor.ReadChanges(30, 30));
        Assert.Equal(60, member.Feed.ReceivedThrough.Seq);

        // The part after 50 is not in its history, and a document that moved there could be missing.
        using var other = Stores.OpenAt(Path.Combine(directory.Path, "other"), Piecewise, null, Stores.ByNumber);
        other.Feed.Apply(source.ReadChanges(0, 30));
        Assert.Throws<FeedConflictException>(() => other.Feed.Apply(behind.ReadChanges(30, 10)));
        Assert.Equal((FeedPosition.Empty, false, 0L), (other.Feed.ReceivedThrough, other.IsBeingCopied, other.DocumentCount));
        FeedTests.Replicate(behind, other);
        Assert.Equal(behind.Checksum(), other.Checksum());

        FeedTests.Replicate(successor, member);
        Assert.Equal(successor.Checksum(), member.Checksum());
    }

    [Fact]
    public void Whoever_is_to_lead_has_nothing_of_a_copy_that_is_not_whole()
    {
        using var source = Source(100);
        foreach (var act in (Action<CollectionStore>[])[
            store => store.Feed.StartTerm(5), store => store.Feed.RollBack(0), store => store.Feed.DropReceivedChanges(), store => store.Commit([], 5)])
        {
            using var member = OpenMember();
            member.Feed.Apply(source.ReadChanges(0, 30));
            act(member);
            Assert.Equal((false, FeedPosition.Empty, 0L), (member.IsBeingCopied, member.Feed.ReceivedThrough, member.DocumentCount));
            Assert.Equal(7, member.Commit([.. Enumerable.Range(0, 7).Select(i => Stores.Put($"d{i}", """{"number":1}"""))], 6)[^1].Written().Seq);
            Assert.Equal(7, member.LookUp("by-number", new(null, null)).Count);
            Assert.Empty(member.Verify().Problems);
            member.Feed.RollBack(0);
        }
    }

    [Fact]
    public void A_compaction_that_was_begun_before_is_given_up()
    {
        using var source = Source(100);
        using var member = OpenMember();
        using (var job = member.Compaction.Start(CompactionRequest.Everything))
        {
            job.RunOnline(CancellationToken.None);
            member.Feed.Apply(source.ReadChanges(0, 30));
            Assert.Throws<CompactionRefusedException>(() => member.Compaction.FinishUnit(job));
        }

        FeedTests.Replicate(source, member);
        Stores.Compact(member);
        AssertEqual(source, member);
    }

    [Fact]
    public void A_small_one_and_one_behind_a_feed_of_its_own_are_kept_apart_until_the_end()
    {
        using var source = Source(100);
        using var small = Stores.OpenAt(Path.Combine(directory.Path, "small"), Stores.Small with { FirstCopyChanges = 70 });
        small.Feed.Apply(source.ReadChanges(0, 30));
        Assert.False(small.IsBeingCopied);
        Assert.Equal((0L, 30L), (small.DocumentCount, small.Feed.ReceivedThrough.Seq));
        using var large = Stores.OpenAt(Path.Combine(directory.Path, "large"), Stores.Small with { FirstCopyBytes = 1000 });
        large.Feed.Apply(source.ReadChanges(0, 30));
        Assert.True(large.IsBeingCopied);
        using var member = OpenMember();
        member.Feed.Apply(source.ReadChanges(0, 200) with { Last = new FeedPosition(1, 100) });
        source.Commit([.. Enumerable.Range(0, 50).Select(i => Stores.Put($"e{i}", "{}"))], 1);
        member.Feed.Apply(source.ReadChanges(100, 10));
        Assert.False(member.IsBeingCopied);
        Assert.Equal(100, member.Position.Seq);
    }

    /// <summary>Whether the piece continued the copy.</summary>
    private static bool Pull(CollectionStore source, CollectionStore member)
    {
        try
        {
            member.Feed.Apply(source.ReadChanges(member.Feed.ReceivedThrough.Seq, 7));
            return true;
        }
        catch (FeedConflictException)
        {
            Assert.Equal(member.Position, member.Feed.ReceivedThrough);
            return false;
        }
        catch (ResyncRequiredException)
        {
            member.Feed.RollBack(0);
            return false;
        }
    }

    private static void AssertEqual(CollectionStore source, CollectionStore member)
    {
        Assert.Equal(source.Checksum(), member.Checksum());
        Assert.Equal(source.DocumentCount, member.DocumentCount);
        Assert.Equal(Keys(source), Keys(member));
        Assert.Equal(source.Sizes().Units[0].LiveBytes, member.Sizes().Units[0].LiveBytes);
    }

    private static List<(string Key, string Id)> Keys(CollectionStore store) =>
        [.. store.LookUp("by-number", new(null, null, 10_000)).Select(entry => (entry.Key.ToString(), entry.Document.Id))];

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private CollectionStore Source(int documents)
    {
        var random = new Random(documents);
        var source = Stores.Open(directory, null, null, Stores.ByNumber);
        source.Commit([.. Enumerable.Range(1, documents).Select(i => Stores.Document(random, $"d{i}", 200))], 1);
        return source;
    }

    private CollectionStore OpenMember() => Stores.OpenAt(Path.Combine(directory.Path, "member"), Piecewise, null, Stores.ByNumber);
}
