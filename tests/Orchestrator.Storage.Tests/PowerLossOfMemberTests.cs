using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Tests.Support;
using Orchestrator.Storage.Tests.Support.Disk;
using Xunit.Abstractions;

namespace Orchestrator.Storage.Tests;

/// <summary>
/// The power is cut while a member takes over another one's feed, drops what the other does not have, or is copied anew. What the
/// member vouches for after the cut must be what it had confirmed before, and from there it must come to what the other has.
/// </summary>
public sealed class PowerLossOfMemberTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData(41)]
    [InlineData(42)]
    public void A_round_of_pieces_is_there_as_a_whole_or_not_at_all(int seed)
    {
        using var member = new Member(directory, seed);
        member.Record(() =>
        {
            member.Lead(60, term: 1);
            member.Pull(pieces: 1000);
            for (var round = 0; round < 3; round++)
            {
                member.Lead(25, term: 1 + round);
                member.Pull(pieces: 9);
            }
        });
        member.Cut(25, output);
    }

    [Theory]
    [InlineData(45)]
    [InlineData(46)]
    public void A_round_that_is_taken_over_in_many_transactions_is_there_as_a_whole_or_not_at_all(int seed)
    {
        using var member = new Member(directory, seed, publishedBytes: 5000);
        member.Record(() =>
        {
            member.Lead(60, term: 1);
            member.Pull(pieces: 1000);
            for (var round = 0; round < 3; round++)
            {
                member.Lead(30, term: 1 + round);
                member.Pull(pieces: 9);
            }
        });
        member.Cut(30, output);
    }

    [Theory]
    [InlineData(51)]
    [InlineData(52)]
    public void What_was_never_confirmed_is_dropped_as_a_whole_and_kept_beside(int seed)
    {
        using var member = new Member(directory, seed);
        member.Record(() =>
        {
            member.Lead(50, term: 1);
            member.Pull(pieces: 1000);
            member.GoAstray(15);
            member.Lead(20, term: 2);
            member.RollBack();
            member.Pull(pieces: 1000);
            member.Refetch();
            member.Lead(5, term: 2);
            member.Pull(pieces: 4);
        });
        member.Cut(30, output);
    }

    [Theory]
    [InlineData(61)]
    [InlineData(62)]
    public void A_member_that_is_copied_anew_vouches_for_nothing_until_it_is_whole_and_its_former_files_are_kept(int seed)
    {
        using var member = new Member(directory, seed);
        member.Record(() =>
        {
            member.Lead(50, term: 1);
            member.Pull(pieces: 1000);
            member.OrderResync();
        });
        member.Record(() =>
        {
            member.Pull(pieces: 7, most: 3);
            member.PurgeSource();
            member.Lead(10, term: 1);
        });
        member.Record(() =>
        {
            member.Pull(pieces: 7);
            member.Lead(10, term: 2);
            member.Pull(pieces: 7);
        });
        member.Cut(40, output);
    }

    /// <summary>What the member vouches for.</summary>
    /// <param name="Model">Its documents; null where it must not be read.</param>
    /// <param name="Dropped">Ids of documents that were acknowledged here alone and have been dropped.</param>
    private sealed record Standing(FeedPosition Position, bool Complete, FeedPosition? CopiedThrough, Model? Model, IReadOnlyList<string> Dropped);

    /// <summary>A member on a recorded disk, and another one that it follows.</summary>
    private sealed class Member : IDisposable
    {
        private static readonly StorageOptions Piecewise = Stores.Small with { WriteAheadLogBytes = 64 << 10, FirstCopyChanges = 10 };
        private readonly TemporaryDirectory directory;
        private readonly int seed;
        private readonly Random random;
        private readonly WatchedDisk disk;
        private readonly StorageOptions options;
        private readonly ManualTime time = new();
        private readonly CollectionStore source;
        private readonly Model sourceModel = new();
        private readonly List<(int At, Standing Standing)> standings = [];
        private Model own = new();
        private IReadOnlyList<string> dropped = [];
        private CollectionStore? store;

        public Member(TemporaryDirectory directory, int seed, long publishedBytes = 1 << 20)
        {
            options = Piecewise with { PublishedBytes = publishedBytes };
            this.directory = directory;
            this.seed = seed;
            random = new Random(seed);
            var data = Path.Combine(directory.Path, "data");
            Directory.CreateDirectory(data);
            disk = new WatchedDisk(data) { Log = new DiskLog() };
            source = Stores.OpenAt(Path.Combine(directory.Path, "source"), Piecewise, time, Stores.ByCity, Stores.ByNumber);
        }

        private CollectionStore Store => store ?? throw new InvalidOperationException("The collection is not open.");

        /// <summary>From opening to closing.</summary>
        public void Record(Action work)
        {
            using (store = Open(disk.Directory, new DiskFiles(disk)))
            {
                Stands();
                work();
            }

            store = null;
        }

        public void Lead(int count, long term) => sourceModel.Commit(source, CompactionTests.Churn(random, sourceModel, count), term);

        /// <summary>Writes that the other member never gets.</summary>
        public void GoAstray(int count)
        {
            own.Commit(Store, [.. CompactionTests.Churn(random, own, count), Stores.Document(random, "astray", 500)]);
            Stands();
        }

        public void Pull(int pieces, int most = int.MaxValue)
        {
            for (var piece = 0; piece < most; piece++)
            {
                var batch = source.ReadChanges(Store.Feed.ReceivedThrough.Seq, pieces);
                if (!TryApply(batch))
                {
                    Stands();
                    continue;
                }

                if (Store.IsWhole && Store.Position == source.Position)
                {
                    own = sourceModel.Copy();
                }

                Stands();
                if (batch.AtEnd)
                {
                    return;
                }
            }
        }

        public void RollBack()
        {
            var common = source.Feed.EndOfTerm(Store.Position.Term);
            dropped = [.. Stores.Changes(Store).Where(change => change.Seq > common.Seq).Select(change => change.Id)];
            Assert.NotEmpty(dropped);
            Store.Feed.RollBack(common.Seq);
            Stands();
        }

        public void Refetch()
        {
            foreach (var id in Store.Feed.PendingRefetch(1000))
            {
                Store.Feed.CompleteRefetch(id, source.GetChange(id));
                Stands();
            }

            Pull(pieces: 1000);
            Assert.True(Store.IsWhole);
        }

        public void OrderResync()
        {
            CollectionStore.OrderResync(Store.Directory, StorageOptions.Default with { Files = new DiskFiles(disk) });
            standings.Add((disk.Log!.Count, new Standing(FeedPosition.Empty, false, null, null, [.. own.Ids])));
            dropped = own.Ids;
        }

        public void PurgeSource()
        {
            time.Advance(TimeSpan.FromDays(1));
            Stores.Compact(source, CompactionRequest.Everything with { Purge = new TombstonePurge(time.GetUtcNow(), source.Position.Seq) });
        }

        public void Cut(int images, ITestOutputHelper output) => PowerCuts.Try(disk, directory, seed, images, output, Recover);

        public void Dispose() => source.Dispose();

        private CollectionStore Open(string data, DiskFiles files, TimeProvider? time = null) =>
            Stores.OpenAt(data, options with { Files = files }, time, Stores.ByCity, Stores.ByNumber);

        private void Stands() => standings.Add((disk.Log!.Count, new Standing(
            Store.Position, Store.IsComplete, Store.IsBeingCopied ? Store.Feed.ReceivedThrough : null, Store.IsWhole ? own.Copy() : null, dropped)));

        private string Recover(int point, string image)
        {
            // The clock goes on meanwhile.
            var later = new ManualTime();
            later.Advance(TimeSpan.FromHours(1));
            using var found = new WatchedDisk(image);
            using (store = Open(image, new DiskFiles(found, "after the cut"), later))
            {
                var standing = Find(point);
                AssertKept(standing);
                CatchUp();
                sourceModel.AssertEqual(Store);
                Assert.Equal(source.Checksum(), Store.Checksum());
                Assert.Equal(source.Feed.TermHistory, Store.Feed.TermHistory);
                var problems = Store.Verify().Problems;
                Assert.True(problems.Count == 0, string.Join("; ", problems));
                AssertKept(standing);
                store = null;
                CompactionTests.AssertNoDebris(image);
                return standing switch
                {
                    { CopiedThrough: not null } => "being copied",
                    { Complete: false } => "incomplete",
                    _ => "whole",
                };
            }
        }

        /// <summary>Where it stands must be where it stood after the last thing it did, or would have after the next one.</summary>
        private Standing Find(int point)
        {
            var last = standings.FindLastIndex(each => each.At <= point);
            var possible = standings.Skip(Math.Max(0, last)).Take(last < 0 ? 1 : 2).Select(each => each.Standing).ToList();
            var standing = possible.Find(each => each.Position == Store.Position && each.Complete == Store.IsComplete
                && (each.CopiedThrough == (Store.IsBeingCopied ? Store.Feed.ReceivedThrough : null)));
            Assert.True(
                standing is not null || (last < 0 && Store.Position == FeedPosition.Empty),
                $"it stands at {Store.Position}, complete: {Store.IsComplete}, copied through {Store.Feed.ReceivedThrough}; possible: {string.Join(" or ", possible)}");
            standing?.Model?.AssertEqual(Store);
            return standing ?? possible[0];
        }

        /// <summary>As the collection's actor does it.</summary>
        private void CatchUp()
        {
            for (var step = 0; step < 1000 && !(Store.IsWhole && Store.Position == source.Position); step++)
            {
                var end = source.Feed.EndOfTerm(Store.Position.Term);
                if (!Store.IsBeingCopied && Store.Position.Seq > 0 && (end.Term != Store.Position.Term || end.Seq < Store.Position.Seq))
                {
                    Store.Feed.RollBack(Math.Min(end.Seq, Store.Position.Seq));
                }

                foreach (var id in Store.Feed.PendingRefetch(1000))
                {
                    Store.Feed.CompleteRefetch(id, source.GetChange(id));
                }

                TryApply(source.ReadChanges(Store.Feed.ReceivedThrough.Seq, 9));
            }
        }

        private bool TryApply(ChangeBatch batch)
        {
            try
            {
                Store.Feed.Apply(batch);
                return true;
            }
            catch (FeedConflictException)
            {
                // The pieces have to begin anew.
                Store.Feed.DropReceivedChanges();
                return false;
            }
            catch (ResyncRequiredException)
            {
                Store.Feed.RollBack(0);
                return false;
            }
        }

        /// <summary>What was acknowledged here alone and is here no more is beside the collection.</summary>
        private void AssertKept(Standing standing)
        {
            if (standing.Dropped.Count == 0)
            {
                return;
            }

            var files = Directory.GetFiles(Store.Directory.RollBacks, "*", SearchOption.AllDirectories);
            var saved = files.Where(file => file.EndsWith(".ndjson", StringComparison.Ordinal)).SelectMany(File.ReadAllLines)
                .Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("id").GetString()!).ToHashSet();
            if (Array.Find(files, file => Path.GetFileName(file) == "documents.sqlite") is { } former)
            {
                saved.UnionWith(IdsIn(former));
            }

            Assert.Subset(saved, standing.Dropped.ToHashSet());
        }

        /// <summary>Read from a copy, since opening it changes the files.</summary>
        private IEnumerable<string> IdsIn(string file)
        {
            var copy = Path.Combine(directory.Path, "former");
            foreach (var part in Directory.GetFiles(Path.GetDirectoryName(file)!))
            {
                var target = Path.Combine(copy, Stores.Database, Stores.Collection, Path.GetFileName(part));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(part, target);
            }

            using (var former = Stores.OpenAt(copy))
            {
                foreach (var document in former.Scan())
                {
                    yield return document.Id;
                }
            }

            Directory.Delete(copy, recursive: true);
        }
    }
}
