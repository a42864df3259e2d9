using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

public sealed class FeedTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly ManualTime time = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Each_write_takes_a_new_seq_and_rev_and_replaces_the_earlier_version_in_the_feed()
    {
        using var store = Stores.Open(directory, time: time);
        store.Commit([Stores.Put("a", """{"v":1}"""), Stores.Put("b", """{"v":2}""")], 1);
        var outcomes = store.Commit([Stores.Put("a", """{"v":3}"""), Stores.Put("a", """{"v":4}"""), Stores.Delete("b")], 1);

        Assert.Equal([3L, 4L, 5L], outcomes.Select(outcome => outcome.Written().Seq));
        Assert.Equal(3, outcomes.Select(outcome => outcome.Written().Rev).Distinct().Count());
        var changes = Stores.Changes(store);
        Assert.Equal([(4L, "a", false), (5L, "b", true)], changes.Select(change => (change.Seq, change.Id, change.Deleted)));
        Assert.Equal("""{"v":4}""", changes[0].Body.Json());
        Assert.Equal(time.GetUtcNow(), changes[1].DeletedAt);
        Assert.Equal(outcomes[1].Written().Rev, store.Get("a")!.Rev);
        Assert.Null(store.Get("b"));
        Assert.Equal(1, store.DocumentCount);
    }

    [Fact]
    public void A_write_with_an_expected_rev_that_is_not_the_current_one_is_refused_and_the_others_are_stored()
    {
        using var store = Stores.Open(directory);
        var rev = store.Commit([Stores.Put("a", "{}", WriteOperation.MustNotExist)], 1)[0].Written().Rev;

        var outcomes = store.Commit(
            [
                Stores.Put("a", """{"v":1}""", WriteOperation.MustNotExist),
                Stores.Put("a", """{"v":2}""", "other"),
                Stores.Delete("missing"),
                Stores.Delete("missing", "some"),
                Stores.Put("a", """{"v":3}""", rev),
                Stores.Put("a", """{"v":4}""", rev),
            ],
            1);

        Assert.Equal(new WriteOutcome.Conflict(rev), outcomes[0]);
        Assert.Equal(new WriteOutcome.Conflict(rev), outcomes[1]);
        Assert.IsType<WriteOutcome.NotFound>(outcomes[2]);
        Assert.Equal(new WriteOutcome.Conflict(null), outcomes[3]);
        Assert.Equal(2, outcomes[4].Written().Seq);
        Assert.Equal(new WriteOutcome.Conflict(outcomes[4].Written().Rev), outcomes[5]);
        Assert.Equal("""{"v":3}""", store.Get("a")!.Body.Json());
    }

    [Fact]
    public void What_was_committed_is_there_after_opening_again()
    {
        using (var store = Stores.Open(directory))
        {
            store.Commit([Stores.Put("a", """{"v":1}"""), Stores.Put("b", "{}")], 3);
            store.Commit([Stores.Delete("b")], 3);
        }

        using var again = Stores.Open(directory);
        Assert.Equal(new FeedPosition(3, 3), again.Position);
        Assert.Equal([new TermStart(3, 1)], again.Feed.TermHistory);
        Assert.Equal("""{"v":1}""", again.Get("a")!.Body.Json());
        Assert.Equal(StartUpState.Fresh, again.OpenReport.State);
        Assert.False(again.OpenReport.Created);
    }

    [Fact]
    public void A_feed_is_read_in_pieces_bounded_by_count_and_bytes()
    {
        using var store = Stores.Open(directory);
        store.Commit([.. Enumerable.Range(1, 10).Select(i => Stores.Put($"d{i}", $$"""{"text":"{{new string('x', 100)}}"}"""))], 1);

        var first = store.ReadChanges(0, 3);
        Assert.Equal((0, 3, false), (first.Since, first.Through, first.AtEnd));
        var second = store.ReadChanges(first.Through, 100, 250);
        Assert.Equal([4L, 5L, 6L], second.Changes.Select(change => change.Seq));
        var rest = store.ReadChanges(second.Through);
        Assert.Equal((10, true, 4), (rest.Through, rest.AtEnd, rest.Changes.Count));
        Assert.Equal(new FeedPosition(1, 10), rest.Last);
        Assert.Empty(store.ReadChanges(10).Changes);
        Assert.Throws<FeedConflictException>(() => store.ReadChanges(11));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.ReadChanges(0, 0));
    }

    [Fact]
    public void A_secondary_that_applies_the_feed_has_the_same_contents_terms_and_feed()
    {
        using var primary = Stores.Open(directory, time: time);
        using var secondary = Stores.OpenAt(Path.Combine(directory.Path, "secondary"), indexes: Stores.ByCity);
        var random = new Random(5);
        var ids = Stores.Fill(primary, random, 300, 100, 800);
        Stores.DeleteShare(primary, random, ids[..100], 0.5);
        primary.Feed.StartTerm(4);
        primary.Commit([Stores.Document(random, ids[200], 300)], 4);

        Replicate(primary, secondary);

        Assert.Equal(primary.Checksum(), secondary.Checksum());
        Assert.Equal(primary.Feed.TermHistory, secondary.Feed.TermHistory);
        Assert.Equal(Feed(primary), Feed(secondary));
        Assert.Equal(primary.DocumentCount, secondary.LookUp(Stores.ByCity.Name, new(null, null, 10_000)).Count);
    }

    [Fact]
    public void Applying_a_batch_again_changes_nothing()
    {
        using var primary = Stores.Open(directory);
        using var secondary = Stores.OpenAt(Path.Combine(directory.Path, "secondary"));
        primary.Commit([Stores.Put("a", "{}"), Stores.Put("b", "{}"), Stores.Put("a", """{"v":2}""")], 1);
        var batch = primary.ReadChanges(0);

        Assert.Equal(new ApplyResult(2, 0, new FeedPosition(1, 3)), secondary.Feed.Apply(batch));
        Assert.Equal(new ApplyResult(0, 2, new FeedPosition(1, 3)), secondary.Feed.Apply(batch));
        Assert.Equal(primary.Checksum(), secondary.Checksum());
    }

    [Fact]
    public void Batches_that_do_not_continue_the_feed_are_refused_whole()
    {
        using var primary = Stores.Open(directory);
        using var secondary = Stores.OpenAt(Path.Combine(directory.Path, "secondary"));
        primary.Commit([.. Enumerable.Range(1, 6).Select(i => Stores.Put($"d{i}", "{}"))], 2);
        secondary.Feed.Apply(new ChangeBatch(0, 0, 2, [.. primary.ReadChanges(0, 2).Changes], [new TermStart(2, 1)], new FeedPosition(2, 2), 0));
        var good = primary.ReadChanges(2);

        ChangeBatch[] bad =
        [
            primary.ReadChanges(3),
            good with { Changes = [.. good.Changes.Reverse()] },
            good with { SinceTerm = 1 },
            good with { Changes = [good.Changes[0] with { Term = 1 }] },
            good with { Through = 4 },
            good with { Terms = [new TermStart(1, 5)] },
            good with { Changes = [good.Changes[0] with { Id = "" }] },
        ];
        foreach (var batch in bad)
        {
            Assert.Throws<FeedConflictException>(() => secondary.Feed.Apply(batch));
            Assert.Equal(new FeedPosition(2, 2), secondary.Position);
            Assert.Equal(2, secondary.DocumentCount);
        }

        secondary.Feed.Apply(good);
        Assert.Equal(primary.Checksum(), secondary.Checksum());
    }

    [Fact]
    public void A_term_ends_where_the_next_one_begins()
    {
        using var store = Stores.Open(directory);
        Assert.Equal(FeedPosition.Empty, store.Feed.EndOfTerm(9));
        store.Commit([Stores.Put("a", "{}"), Stores.Put("b", "{}")], 2);
        Assert.Equal(new TermStart(5, 3), store.Feed.StartTerm(5));
        Assert.Equal(new TermStart(5, 3), store.Feed.StartTerm(5));

        Assert.Equal(FeedPosition.Empty, store.Feed.EndOfTerm(1));
        Assert.Equal(new FeedPosition(2, 2), store.Feed.EndOfTerm(2));
        Assert.Equal(new FeedPosition(2, 2), store.Feed.EndOfTerm(4));
        Assert.Equal(new FeedPosition(5, 2), store.Feed.EndOfTerm(5));
        Assert.Equal(new FeedPosition(2, 2), store.Position);
        Assert.Throws<ArgumentException>(() => store.Commit([Stores.Put("c", "{}")], 4));
        Assert.Throws<ArgumentException>(() => store.Feed.StartTerm(4));
        store.Commit([Stores.Put("c", "{}")], 5);
        Assert.Equal(new FeedPosition(5, 3), store.Position);
    }

    [Fact]
    public void A_term_that_left_no_change_and_that_the_source_does_not_know_is_forgotten()
    {
        using var primary = Stores.Open(directory);
        using var member = Stores.OpenAt(Path.Combine(directory.Path, "member"));
        primary.Commit([Stores.Put("a", "{}")], 1);
        Replicate(primary, member);
        member.Feed.StartTerm(2);
        primary.Commit([Stores.Put("b", "{}")], 1);
        primary.Commit([Stores.Put("c", "{}")], 3);

        Replicate(primary, member);

        Assert.Equal([new TermStart(1, 1), new TermStart(3, 3)], member.Feed.TermHistory);
        Assert.Equal(new FeedPosition(1, 2), member.Feed.EndOfTerm(2));
    }

    [Fact]
    public void Checksums_differ_with_the_contents_and_not_with_the_way_to_them()
    {
        using var one = Stores.Open(directory);
        using var two = Stores.OpenAt(Path.Combine(directory.Path, "two"));
        one.Commit([Stores.Put("a", "{}"), Stores.Put("b", "{}")], 1);
        Replicate(one, two);
        Assert.Equal(one.Checksum().Sha256, two.Checksum().Sha256);
        Stores.Compact(two);
        Assert.Equal(one.Checksum().Sha256, two.Checksum().Sha256);
        one.Commit([Stores.Put("a", """{"v":1}""")], 1);
        Assert.NotEqual(one.Checksum().Sha256, two.Checksum().Sha256);
        Assert.Equal(2, one.Checksum().Documents);
    }

    [Theory]
    [InlineData("", "{}")]
    [InlineData("a\n", "{}")]
    [InlineData("\ud800", "{}")]
    [InlineData("a", "[]")]
    [InlineData("a", "{")]
    [InlineData("a", "{} {}")]
    public void Ids_and_bodies_that_cannot_be_stored_are_refused(string id, string json) =>
        Assert.Throws<ArgumentException>(() => Stores.Put(id, json));

    [Theory]
    [InlineData("{\"a\":\"M\u00FCller\"}", "is not UTF-8: byte 8 (0xFC)")]
    [InlineData("{\"v\":5,\"v\":6}", "has the field 'v' twice in one object, the second time at byte 8")]
    [InlineData("{\"a\":[{\"b\":1,\"c\":{\"b\":2},\"\\u0062\":3}]}", "has the field 'b' twice")]
    [InlineData("{\"a\":\"\\ud800\"}", "surrogate")]
    [InlineData("{\"a\":oops}", "is not valid JSON at byte 6")]
    [InlineData("{\n  \"a\": 1,\n}", "is not valid JSON at line 3, byte 1")]
    [InlineData("{", "ends in the middle of its object")]
    [InlineData("[1]", "must be a JSON object")]
    public void A_body_that_is_refused_is_told_what_is_wrong_and_where(string latin1, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => new WriteOperation.Put("a", System.Text.Encoding.Latin1.GetBytes(latin1)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_document_has_at_most_64_levels_and_16_MiB()
    {
        static string Nested(int levels) => $"{{\"a\":{new string('[', levels - 1)}{new string(']', levels - 1)}}}";
        Stores.Put("a", Nested(64));
        Assert.Contains("64 are allowed", Assert.Throws<ArgumentException>(() => Stores.Put("a", Nested(65))).Message, StringComparison.Ordinal);
        var error = Assert.Throws<ArgumentException>(() => Stores.Put("a", $"{{\"a\":\"{new string('x', 16 << 20)}\"}}"));
        Assert.Contains("16 MiB", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public void An_id_that_no_URL_can_have_is_refused_but_replicated_and_deleted_where_it_is(string id)
    {
        var error = Assert.Throws<ArgumentException>(() => Stores.Put(id, "{}"));
        Assert.Contains("URL", error.Message, StringComparison.Ordinal);

        using var store = Stores.Open(directory);
        store.Feed.Apply(new ChangeBatch(0, 0, 1, [new ChangeRecord(1, id, "1.1", 1, null, "{}"u8.ToArray())], [new TermStart(1, 1)], new FeedPosition(1, 1), 0));
        Assert.Single(store.Commit([Stores.Delete(id)], 1)).Written();
    }

    [Fact]
    public void A_body_that_is_there_already_is_not_written_again_where_that_is_asked()
    {
        using var store = Stores.Open(directory);
        WriteOperation Same(string json) => new WriteOperation.Put("a", System.Text.Encoding.UTF8.GetBytes(json)) { KeepsSame = true };

        var first = store.Commit([Same("""{"n":1}""")], 1)[0].Written();
        var again = Assert.IsType<WriteOutcome.Unchanged>(store.Commit([Same("""{"n":1}""")], 1)[0]);
        var other = store.Commit([Same("""{"n":2}""")], 1)[0].Written();

        Assert.Equal((first.Seq, first.Rev), (again.Seq, again.Rev));
        Assert.Equal((true, false, 2L), (first.Created, other.Created, other.Seq));
        store.Commit([Stores.Delete("a")], 1);
        Assert.True(store.Commit([Same("""{"n":2}""")], 1)[0].Written().Created);
    }

    [Fact]
    public void A_collection_that_is_open_cannot_be_opened_a_second_time()
    {
        using var store = Stores.Open(directory);
        var error = Assert.Throws<StorageException>(() => Stores.Open(directory));
        Assert.EndsWith("is in use by another process", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData(".hidden")]
    public void Names_that_are_no_safe_directory_names_are_refused(string name)
    {
        Assert.Throws<ArgumentException>(() => new CollectionDirectory(directory.Path, name, "c"));
        Assert.Throws<ArgumentException>(() => new CollectionDirectory(directory.Path, "d", name));
    }

    [Fact]
    public void A_file_that_is_not_a_documents_file_is_refused_by_name()
    {
        var path = Path.Combine(directory.Path, "data", Stores.Database, Stores.Collection, "documents.sqlite");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, new string('x', 20_000));
        var error = Assert.Throws<CorruptFileException>(() => Stores.Open(directory));
        Assert.Equal(path, error.File);
        File.Delete(path);
        Stores.Open(directory).Dispose();
    }

    internal static void Replicate(CollectionStore from, CollectionStore to)
    {
        ChangeBatch batch;
        do
        {
            batch = from.ReadChanges(to.Feed.ReceivedThrough.Seq, 50);
            to.Feed.Apply(batch);
        }
        while (!batch.AtEnd);
    }

    private static List<string> Feed(CollectionStore store) =>
        [.. Stores.Changes(store).Select(change => $"{change.Seq} {change.Id} {change.Rev} {change.Term} {change.DeletedAt:O} {change.Body.Json()}")];
}
