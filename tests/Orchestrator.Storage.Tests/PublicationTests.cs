using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

/// <summary>A round of a source's feed that is taken over in several transactions, because it is large.</summary>
public sealed class PublicationTests : IDisposable
{
    private const int PieceBytes = 10_000;

    // 60 documents of about 1150 bytes with id and overhead, 8 in a transaction.
    private const int Pieces = 8;
    private readonly TemporaryDirectory directory = new();
    private readonly Model model = new();
    private Action<CollectionStore> onPiece = static _ => { };
    private CollectionStore? member;

    public void Dispose()
    {
        member?.Dispose();
        directory.Dispose();
    }

    [Fact]
    public void Each_transaction_is_bounded_in_order_and_nothing_is_vouched_for_or_read_before_the_last()
    {
        using var source = Source();
        member = Open();
        var before = member.Position;
        var ends = new List<long>();
        onPiece = store =>
        {
            ends.Add(store.Sizes().Documents);
            Assert.Equal(ends.Count < Pieces, store.IsBeingCopied);
            if (store.IsBeingCopied)
            {
                Assert.Equal((before, false), (store.Position, store.IsWhole));
                Assert.Throws<CollectionBeingCopiedException>(() => store.Get("d1"));
                Assert.Throws<CollectionBeingCopiedException>(() => store.ReadChanges(0));
            }
        };
        Pull(source, member);

        Assert.Equal(Pieces, ends.Count);
        Assert.Equal(ends.Order(), ends);
        Assert.All(ends.Zip(ends.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 1, PieceBytes / 1100));
        AssertEqual(source, member);
    }

    [Fact]
    public void Killed_after_any_transaction_it_comes_to_the_end_by_itself()
    {
        using (var source = Source())
        {
            member = Open();
            var pieces = 0;
            onPiece = _ => directory.Snapshot($"piece-{++pieces}");
            Pull(source, member);
            Assert.Equal(Pieces, pieces);
            for (var piece = 1; piece <= pieces; piece++)
            {
                using var again = Open(Path.Combine(directory.Path, "snapshots", $"piece-{piece}"));
                AssertEqual(source, again);
            }
        }
    }

    [Fact]
    public void What_comes_in_between_waits_for_the_end()
    {
        using var source = Source();
        member = Open();
        var fails = true;
        onPiece = _ =>
        {
            if (fails)
            {
                throw new IOException("Injected");
            }
        };
        using var job = member.Compaction.Start(CompactionRequest.Everything);
        job.RunOnline(CancellationToken.None);
        Assert.Throws<StorageException>(() => Pull(source, member));
        Assert.True(member.IsBeingCopied);
        Assert.ThrowsAny<Exception>(() => member.Commit([Stores.Put("own", "{}")], 2));
        Assert.True(member.IsBeingCopied);
        fails = false;
        Stores.Complete(member, job);

        AssertEqual(source, member);
        member.Commit([Stores.Put("own", "{}")], 2);
        Assert.Equal(source.Position.Seq + 1, member.Position.Seq);
    }

    [Fact]
    public void Without_the_rest_of_the_round_the_collection_is_refused_and_the_file_named()
    {
        using (var source = Source())
        {
            member = Open();
            var pieces = 0;
            onPiece = _ => directory.Snapshot($"piece-{++pieces}");
            Pull(source, member);
        }

        var image = Path.Combine(directory.Path, "snapshots", "piece-3");
        var received = Path.Combine(image, Stores.Database, Stores.Collection, "received.sqlite");
        File.Delete(received);
        onPiece = static _ => { };
        Assert.Contains(received, Assert.Throws<CorruptFileException>(() => Open(image)).Message, StringComparison.Ordinal);
    }

    /// <summary>The member has the first 20 documents; 60 more are to come, some of them new versions.</summary>
    private CollectionStore Source()
    {
        var random = new Random(81);
        var source = Stores.OpenAt(Path.Combine(directory.Path, "source"), indexes: Stores.ByNumber);
        model.Commit(source, [.. Enumerable.Range(0, 20).Select(i => Stores.Document(random, $"d{i}", 1050))]);
        using (var first = Open())
        {
            FeedTests.Replicate(source, first);
        }

        model.Commit(source, [.. Enumerable.Range(10, 60).Select(i => Stores.Document(random, $"d{i}", 1050))]);
        return source;
    }

    private CollectionStore Open(string? data = null)
    {
        CollectionStore? opened = null;
        var options = Stores.Small with
        {
            PublishedBytes = PieceBytes,
            Failpoint = point =>
            {
                if (point == Failpoints.PiecePublished && opened is not null)
                {
                    onPiece(opened);
                }
            },
        };
        opened = Stores.OpenAt(data ?? Path.Combine(directory.Path, "data"), options, null, Stores.ByNumber);
        return opened;
    }

    private static void Pull(CollectionStore source, CollectionStore member)
    {
        ChangeBatch batch;
        do
        {
            batch = source.ReadChanges(member.Feed.ReceivedThrough.Seq, 7);
            member.Feed.Apply(batch);
        }
        while (!batch.AtEnd);
    }

    private void AssertEqual(CollectionStore source, CollectionStore other)
    {
        Assert.True(other.IsWhole);
        model.AssertEqual(other);
        Assert.Equal((source.Position, source.Checksum()), (other.Position, other.Checksum()));
        Assert.Equal(source.Feed.TermHistory, other.Feed.TermHistory);
        Assert.Empty(other.Verify().Problems);
        CompactionTests.AssertNoDebris(other.Directory.DataDirectory);
    }
}
