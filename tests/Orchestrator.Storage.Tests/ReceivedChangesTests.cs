using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

/// <summary>Pieces of a feed that are cut off before its end.</summary>
public sealed class ReceivedChangesTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_position_is_only_ever_that_of_a_state_which_the_source_had(int seed)
    {
        var random = new Random(seed);
        using var source = Stores.Open(directory, indexes: Stores.ByNumber);
        using var member = OpenMember(Stores.ByNumber);
        var states = new Dictionary<FeedPosition, string>();
        var advanced = 0;
        for (var step = 0; step < 300; step++)
        {
            if (random.Next(2) == 0 && step < 250)
            {
                foreach (var write in Churn(random))
                {
                    source.Commit([write], 1);
                    states[source.Position] = source.Checksum().Sha256;
                }
            }
            else
            {
                var before = member.Position;
                member.Feed.Apply(source.ReadChanges(member.Feed.ReceivedThrough.Seq, 4));
                advanced += member.Position.CompareTo(before) > 0 ? 1 : 0;
                Assert.True(
                    member.Position == FeedPosition.Empty || states[member.Position] == member.Checksum().Sha256,
                    $"seed {seed}: at {member.Position} the source had other documents");
            }
        }

        Assert.True(advanced > 10, $"seed {seed}: it moved on {advanced} times only");
        Assert.Equal(source.Checksum(), member.Checksum());
        Assert.Equal(source.DocumentCount, member.DocumentCount);
        Assert.Equal(Keys(source), Keys(member));
        Assert.Equal(source.Sizes().Units[0].LiveBytes, member.Sizes().Units[0].LiveBytes);
    }

    [Fact]
    public void Pieces_are_kept_apart_until_the_end_of_the_feed_and_then_are_there_all_at_once()
    {
        using var source = Stores.Open(directory);
        using var member = OpenMember();
        source.Commit([Stores.Put("x", """{"v":1}"""), Stores.Put("y", "{}"), Stores.Put("z", "{}")], 1);
        member.Feed.Apply(source.ReadChanges(0, 1));
        source.Commit([Stores.Put("x", """{"v":2}""")], 1);
        member.Feed.Apply(source.ReadChanges(1, 1));

        Assert.Equal(new FeedPosition(1, 2), member.Feed.ReceivedThrough);
        Assert.Equal(FeedPosition.Empty, member.Position);
        Assert.Null(member.Get("y"));
        Assert.Equal(0, member.DocumentCount);

        var result = member.Feed.Apply(source.ReadChanges(2, 10));

        Assert.Equal((new FeedPosition(1, 4), new FeedPosition(1, 4)), (result.Position, member.Feed.ReceivedThrough));
        Assert.Equal("""{"v":2}""", member.Get("x")!.Body.Json());
        Assert.Equal(source.Checksum(), member.Checksum());
        Assert.Empty(LeftOver());
    }

    [Fact]
    public void Terms_that_begin_within_the_pieces_are_taken_over_with_them()
    {
        using var source = Stores.Open(directory);
        using var member = OpenMember();
        source.Commit([Stores.Put("a", "{}"), Stores.Put("b", "{}")], 1);
        source.Commit([Stores.Put("c", "{}")], 3);
        source.Feed.StartTerm(5);
        source.Commit([Stores.Put("d", "{}")], 5);
        foreach (var expected in (FeedPosition[])[new(1, 1), new(1, 2), new(3, 3), new(5, 4)])
        {
            member.Feed.Apply(source.ReadChanges(member.Feed.ReceivedThrough.Seq, 1));
            Assert.Equal(expected, member.Feed.ReceivedThrough);
        }

        Assert.Equal(source.Feed.TermHistory, member.Feed.TermHistory);
        Assert.Equal(source.Position, member.Position);
    }

    [Fact]
    public void A_round_can_be_given_up_and_begun_anew()
    {
        using var source = Stores.Open(directory);
        using var member = OpenMember();
        source.Commit([.. Enumerable.Range(1, 6).Select(i => Stores.Put($"d{i}", "{}"))], 1);
        member.Feed.Apply(source.ReadChanges(0, 2));

        Assert.Throws<FeedConflictException>(() => member.Feed.Apply(source.ReadChanges(3, 2)));
        Assert.Equal(FeedPosition.Empty, member.Feed.ReceivedThrough);
        Assert.Empty(LeftOver());
        member.Feed.Apply(source.ReadChanges(0, 2));
        member.Feed.Apply(source.ReadChanges(0, 3));
        Assert.Equal(new FeedPosition(1, 3), member.Feed.ReceivedThrough);
        member.Feed.ForgetSource();
        Assert.Equal(FeedPosition.Empty, member.Feed.ReceivedThrough);

        FeedTests.Replicate(source, member);
        Assert.Equal(source.Checksum(), member.Checksum());
    }

    [Fact]
    public void What_a_crash_leaves_of_a_round_is_forgotten()
    {
        using var source = Stores.Open(directory);
        source.Commit([.. Enumerable.Range(1, 6).Select(i => Stores.Put($"d{i}", "{}"))], 1);
        using (var member = OpenMember())
        {
            member.Feed.Apply(source.ReadChanges(0, 2));
            File.Copy(Assert.Single(LeftOver()), Path.Combine(directory.Path, "kept"));
        }

        Assert.Empty(LeftOver());
        File.Move(Path.Combine(directory.Path, "kept"), Path.Combine(MemberFiles, "received.sqlite"));
        using var again = OpenMember();
        Assert.Equal(FeedPosition.Empty, again.Feed.ReceivedThrough);
        Assert.Empty(LeftOver());
        FeedTests.Replicate(source, again);
        Assert.Equal(source.Checksum(), again.Checksum());
    }

    [Fact]
    public void A_compaction_in_the_middle_of_a_round_changes_nothing_about_it()
    {
        using var source = Stores.Open(directory);
        using var member = OpenMember(Stores.ByNumber);
        source.Commit([.. Enumerable.Range(1, 40).Select(i => Stores.Put($"d{i}", $$"""{"number":{{i}}}"""))], 1);
        FeedTests.Replicate(source, member);
        source.Commit([.. Enumerable.Range(20, 40).Select(i => Stores.Put($"d{i}", $$"""{"number":{{-i}}}"""))], 1);
        member.Feed.Apply(source.ReadChanges(40, 15));

        Stores.Compact(member);

        Assert.Equal((40, 55), (member.Position.Seq, member.Feed.ReceivedThrough.Seq));
        member.Feed.Apply(source.ReadChanges(55));
        Assert.Equal(source.Checksum(), member.Checksum());
        Assert.Equal(59, member.LookUp("by-number", new(null, null)).Count);
    }

    [Fact]
    public void A_roll_back_and_a_write_of_its_own_end_a_round()
    {
        using var source = Stores.Open(directory);
        using var member = OpenMember();
        source.Commit([.. Enumerable.Range(1, 6).Select(i => Stores.Put($"d{i}", "{}"))], 1);
        member.Feed.Apply(source.ReadChanges(0));
        source.Commit([.. Enumerable.Range(1, 6).Select(i => Stores.Put($"e{i}", "{}"))], 1);
        member.Feed.Apply(source.ReadChanges(6, 2));
        member.Feed.RollBack(4);
        Assert.Equal(member.Position, member.Feed.ReceivedThrough);

        member.Feed.Apply(source.ReadChanges(4, 2));
        member.Commit([Stores.Put("own", "{}")], 2);
        Assert.Equal(new FeedPosition(2, 5), member.Feed.ReceivedThrough);
    }

    [Fact]
    public void A_round_begins_anew_if_tombstones_were_dropped_that_it_has_not_seen()
    {
        var time = new ManualTime();
        using var source = Stores.Open(directory, null, time);
        using var member = OpenMember();
        source.Commit([Stores.Put("a", "{}"), Stores.Put("b", "{}"), Stores.Put("c", "{}")], 1);
        member.Feed.Apply(source.ReadChanges(0, 1));
        source.Commit([Stores.Delete("a"), Stores.Put("d", "{}")], 1);
        time.Advance(TimeSpan.FromDays(1));
        Stores.Compact(source, CompactionRequest.Everything with { Purge = new TombstonePurge(time.GetUtcNow(), 5) });

        Assert.Throws<FeedConflictException>(() => member.Feed.Apply(source.ReadChanges(1, 1)));
        FeedTests.Replicate(source, member);
        Assert.Equal(source.Checksum(), member.Checksum());

        // What was dropped before the round began does not end it.
        using var fresh = Stores.OpenAt(Path.Combine(directory.Path, "fresh"));
        do
        {
            fresh.Feed.Apply(source.ReadChanges(fresh.Feed.ReceivedThrough.Seq, 1));
        }
        while (fresh.Position != source.Position);
        Assert.Equal(source.Checksum(), fresh.Checksum());
    }

    private static IEnumerable<WriteOperation> Churn(Random random) => Enumerable.Range(0, random.Next(1, 12))
        .Select(_ => random.Next(20))
        .Distinct()
        .Select(id => random.Next(4) == 0 ? Stores.Delete($"d{id}") : Stores.Document(random, $"d{id}", random.Next(80, 400)));

    private static List<(string Key, string Id)> Keys(CollectionStore store) =>
        [.. store.LookUp("by-number", new(null, null)).Select(entry => (entry.Key.ToString(), entry.Document.Id))];

    private string MemberFiles => Path.Combine(directory.Path, "member", Stores.Database, Stores.Collection);

    private string[] LeftOver() => Directory.GetFiles(MemberFiles, "received*");

    private CollectionStore OpenMember(params Indexes.IndexDefinition[] indexes) =>
        Stores.OpenAt(Path.Combine(directory.Path, "member"), indexes: indexes);
}
