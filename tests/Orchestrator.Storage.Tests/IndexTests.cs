using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sqlite;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

public sealed class IndexTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Documents_are_found_by_key_and_by_range_in_key_order()
    {
        using var store = Stores.Open(directory, indexes: [Stores.ByNumber]);
        store.Commit(
            [
                Stores.Put("ten", """{"number":10}"""),
                Stores.Put("two", """{"number":2}"""),
                Stores.Put("also-two", """{"number":2.0}"""),
                Stores.Put("text", """{"number":"2"}"""),
                Stores.Put("nothing", """{"number":null}"""),
                Stores.Put("yes", """{"number":true}"""),
                Stores.Put("negative", """{"number":-3.5}"""),
                Stores.Put("none", "{}"),
                Stores.Put("object", """{"number":{"number":2}}"""),
            ],
            1);

        string[] Ids(IndexQuery query) => [.. store.LookUp("by-number", query).Select(entry => entry.Document.Id)];
        Assert.Equal(["two", "also-two"], Ids(IndexQuery.Equal(IndexKey.FromText("2"))));
        Assert.Equal(["text"], Ids(IndexQuery.Equal(IndexKey.FromText("\"2\""))));
        Assert.Equal(["nothing", "yes", "negative", "two", "also-two", "ten", "text"], Ids(new IndexQuery(null, null)));
        Assert.Equal(["two", "also-two", "ten"], Ids(new IndexQuery(IndexKey.FromNumber(0), IndexKey.FromNumber(10))));
        Assert.Equal(["negative", "two"], Ids(new IndexQuery(IndexKey.FromNumber(-100), null, 2)));
        Assert.Throws<ArgumentException>(() => Ids(new IndexQuery(null, null, 0)));
        Assert.Throws<UnknownIndexException>(() => store.LookUp("other", new IndexQuery(null, null)));
    }

    [Fact]
    public void Pages_of_an_index_hold_every_entry_once_also_of_one_key()
    {
        using var store = Stores.Open(directory, indexes: [Stores.ByNumber]);
        store.Commit([.. Enumerable.Range(0, 25).Select(i => Stores.Put($"d{i}", $"{{\"number\":{i / 10}}}"))], 1);
        var ids = new List<string>();

        for (IndexPlace? after = null; ;)
        {
            var page = store.LookUp("by-number", new IndexQuery(null, null, 4) { After = after });
            if (page.Count == 0)
            {
                break;
            }

            ids.AddRange(page.Select(entry => entry.Document.Id));
            after = IndexPlace.Read(IndexPlace.Of(page[^1]).ToString());
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"d{i}"), ids);
        Assert.All(["", "5", ".x", "x.x", "1.", "1.*"], text => Assert.Null(IndexPlace.Read(text)));
    }

    [Fact]
    public void An_index_follows_overwrites_and_deletes()
    {
        using var store = Stores.Open(directory, indexes: [Stores.ByNumber]);
        store.Commit([Stores.Put("a", """{"number":1}"""), Stores.Put("b", """{"number":1}""")], 1);
        store.Commit([Stores.Put("a", """{"number":5}"""), Stores.Delete("b")], 1);

        var entry = Assert.Single(store.LookUp("by-number", new IndexQuery(null, null)));
        Assert.Equal(("5", "a", 3L), (entry.Key.ToString(), entry.Document.Id, entry.Document.Seq));
    }

    [Fact]
    public void An_index_that_is_added_has_the_documents_that_are_there_and_its_file_stays_until_it_is_cleaned_up()
    {
        var model = new Model();
        var file = Path.Combine(directory.Path, "data", Stores.Database, Stores.Collection, "indexes", Stores.ByCity.FileName);
        var random = new Random(11);
        using (var store = Stores.Open(directory))
        {
            model.Commit(store, [.. Enumerable.Range(0, 2500).Select(i => Stores.Document(random, $"d{i}", 100))]);
            Stores.AddIndex(store, Stores.ByCity);
            Stores.AddIndex(store, Stores.ByCity);
            Assert.Throws<ArgumentException>(() => store.StartIndex(new IndexDefinition("by-city", "other")));
            model.Commit(store, [.. model.Ids.Take(100).Select(id => Stores.Delete(id))]);
            model.AssertEqual(store);
        }

        using var again = Stores.Open(directory, indexes: [Stores.ByCity]);
        model.AssertEqual(again);
        Assert.True(File.Exists(file));
        again.RemoveIndex("by-city");
        Assert.True(File.Exists(file));
        Assert.Empty(again.Indexes);

        // Back again it has what was written meanwhile, and nothing that was deleted.
        model.Commit(again, CompactionTests.Churn(random, model, 200));
        Stores.AddIndex(again, Stores.ByCity);
        model.AssertEqual(again);
        Assert.Empty(again.CleanIndexes().Files);

        again.RemoveIndex("by-city");
        var cleanup = again.CleanIndexes();
        Assert.Equal([file], cleanup.Files);
        Assert.True(cleanup.Bytes > 0);
        Assert.False(File.Exists(file));
        Assert.Throws<UnknownIndexException>(() => again.RemoveIndex("by-city"));
    }

    [Fact]
    public void An_index_that_missed_changes_catches_up_when_it_is_opened()
    {
        var model = new Model();
        var random = new Random(12);
        using (var store = Stores.Open(directory, indexes: [Stores.ByCity]))
        {
            model.Commit(store, [.. Enumerable.Range(0, 300).Select(i => Stores.Document(random, $"d{i}", 100))]);
        }

        using (var withoutIndex = Stores.Open(directory))
        {
            Assert.Single(withoutIndex.OpenReport.OrphanedIndexFiles);
            model.Commit(withoutIndex, [.. Enumerable.Range(0, 100).Select(i => Stores.Document(random, $"d{i}", 100))]);
            model.Commit(withoutIndex, [.. Enumerable.Range(100, 50).Select(i => Stores.Delete($"d{i}"))]);
        }

        using (var again = Stores.Open(directory, indexes: [Stores.ByCity]))
        {
            model.AssertEqual(again);
            Stores.Compact(again, new CompactionRequest(false, null, TombstonePurge.None));
            model.AssertEqual(again);
        }

        // Nor is there an entry of a version that was replaced meanwhile, which readers would skip.
        var file = Path.Combine(directory.Path, "data", Stores.Database, Stores.Collection, "indexes", Stores.ByCity.FileName);
        using var session = SqliteSession.OpenExisting(file, Stores.Small, memoryMap: false);
        Assert.Equal(model.Count, session.Scalar("SELECT count(*) FROM entries"));
    }

    [Fact]
    public void A_look_up_between_a_commit_and_its_entries_sees_what_is_committed()
    {
        List<(string, string)>? seen = null;
        CollectionStore? store = null;
        var options = Stores.Small with
        {
            Failpoint = point =>
            {
                if (point == Failpoints.Committed)
                {
                    var query = new IndexQuery(null, IndexKey.FromNumber(8), 2);
                    seen = [.. store!.LookUp("by-number", query).Select(entry => (entry.Key.ToString(), entry.Document.Id))];
                }
            },
        };
        using (store = Stores.Open(directory, options, null, Stores.ByNumber))
        {
            store.Commit([Stores.Put("a", """{"number":1}"""), Stores.Put("b", """{"number":2}"""), Stores.Put("c", """{"number":7}""")], 1);
            store.Commit([Stores.Put("a", """{"number":5}"""), Stores.Delete("b"), Stores.Put("d", """{"number":9}""")], 1);
            Assert.Equal([("5", "a"), ("7", "c")], seen);
        }
    }

    [Fact]
    public void A_damaged_index_file_is_built_anew()
    {
        var file = Path.Combine(directory.Path, "data", Stores.Database, Stores.Collection, "indexes", Stores.ByCity.FileName);
        var model = new Model();
        using (var store = Stores.Open(directory, indexes: [Stores.ByCity]))
        {
            model.Commit(store, CompactionTests.Churn(new Random(8), model, 50));
        }

        File.WriteAllText(file, new string('x', 9000));
        using var again = Stores.Open(directory, indexes: [Stores.ByCity]);
        model.AssertEqual(again);
        Assert.Contains(again.OpenReport.Notes, note => note.Contains(file, StringComparison.Ordinal));
    }

    [Fact]
    public void Index_files_without_a_definition_are_reported_and_kept()
    {
        Stores.Open(directory, indexes: [Stores.ByCity]).Dispose();
        using var store = Stores.Open(directory);
        var file = Assert.Single(store.OpenReport.OrphanedIndexFiles);
        Assert.True(File.Exists(file));
    }

    [Theory]
    [InlineData("a.b", """{"a":{"b":1}}""", "1")]
    [InlineData("$.a.b", """{"x":[{"a":2}],"a":{"c":{"b":3},"b":1}}""", "1")]
    [InlineData("a[1].b", """{"a":[{"b":7},{"b":8}]}""", "8")]
    [InlineData("a[2]", """{"a":[1,2]}""", null)]
    [InlineData("a[0]", """{"a":{"0":1}}""", null)]
    [InlineData("$['a.b']", """{"a.b":"x"}""", "\"x\"")]
    [InlineData("a", """{"a":[1]}""", null)]
    [InlineData("a", """{"b":1}""", null)]
    [InlineData("a", """{"\u0061":"\u00e4"}""", "\"\\u00E4\"")]
    public void A_path_leads_to_a_scalar_or_to_nothing(string path, string json, string? expected) =>
        Assert.Equal(expected, new IndexDefinition("i", path).Path.Extract(System.Text.Encoding.UTF8.GetBytes(json))?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("$")]
    [InlineData("a..b")]
    [InlineData("a[")]
    [InlineData("a[x]")]
    [InlineData("a['b")]
    [InlineData("a b")]
    [InlineData("*")]
    public void A_path_that_is_none_is_refused(string path)
    {
        var error = Assert.Throws<ArgumentException>(() => new IndexDefinition("i", path));
        Assert.Contains("position", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_ordered_by_type_and_value()
    {
        IndexKey[] ordered =
        [
            IndexKey.Null, IndexKey.False, IndexKey.True, IndexKey.FromNumber(double.NegativeInfinity), IndexKey.FromNumber(-1e300),
            IndexKey.FromNumber(long.MinValue), IndexKey.FromNumber(long.MinValue + 1), IndexKey.FromNumber(-1.5),
            IndexKey.FromNumber(-1L), IndexKey.FromNumber(0.0), IndexKey.FromNumber(1e-300), IndexKey.FromNumber(1L),
            IndexKey.FromNumber((1L << 53) - 1), IndexKey.FromNumber(1L << 53), IndexKey.FromNumber((1L << 53) + 1),
            IndexKey.FromNumber((1L << 53) + 2), IndexKey.FromNumber(long.MaxValue - 1), IndexKey.FromNumber(long.MaxValue),
            IndexKey.FromNumber(1e300), IndexKey.FromString(""), IndexKey.FromString("A"), IndexKey.FromString("a"),
            IndexKey.FromString("a\0"), IndexKey.FromString("ab"), IndexKey.FromString("ä"), IndexKey.FromString("\U0001F600"),
        ];
        for (var i = 0; i < ordered.Length; i++)
        {
            for (var j = 0; j < ordered.Length; j++)
            {
                Assert.Equal(Math.Sign(i.CompareTo(j)), Math.Sign(ordered[i].CompareTo(ordered[j])));
            }
        }

        Assert.Equal(IndexKey.FromNumber(1L), IndexKey.FromText("1.0"));
        Assert.Equal(IndexKey.FromNumber(0.0), IndexKey.FromText("-0"));
        Assert.Equal("9007199254740993", IndexKey.FromText("9007199254740993").ToString());
        Assert.Equal(IndexKey.FromString("Berlin"), IndexKey.FromText("Berlin"));
    }

    [Fact]
    public void Numbers_beyond_the_range_of_a_double_are_equal_come_last_and_are_shown_as_JSON()
    {
        using var store = Stores.Open(directory, indexes: [Stores.ByNumber]);
        string[] numbers = ["1e400", "-1e400", "1.7976931348623157e308", "18446744073709551616", "-0", $"1{new string('0', 400)}"];
        store.Commit([.. numbers.Select((number, i) => Stores.Put($"d{i}", $$"""{"number":{{number}}}"""))], 1);

        var found = store.LookUp("by-number", new IndexQuery(null, null, 10));

        Assert.Equal(["d1", "d4", "d3", "d2", "d0", "d5"], found.Select(entry => entry.Document.Id));
        Assert.All(found, entry => System.Text.Json.JsonDocument.Parse(entry.Key.ToString()).Dispose());
        Assert.Equal(["d0", "d5"], store.LookUp("by-number", IndexQuery.Equal(IndexKey.FromText("1e999"), 10)).Select(entry => entry.Document.Id));
    }
}
