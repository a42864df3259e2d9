using Akka.Persistence.Storage;

namespace Akka.Embedded.Tests.Persistence.Storage;

/// <summary>What every journal must do.</summary>
public abstract class EventJournalContract
{
    private const string Id = "actor-1";

    private protected abstract IEventJournal Journal { get; }

    [SkippableFact]
    public async Task An_unknown_id_has_no_events_and_highest_number_zero()
    {
        Assert.Equal(0, await Highest());
        Assert.Empty(await Replay());
    }

    [SkippableFact]
    public async Task Events_come_back_in_order_with_their_numbers()
    {
        await Write(1, "a", "b");
        await Write(3, "c");

        Assert.Equal([(1, "a"), (2, "b"), (3, "c")], await Replay());
        Assert.Equal(3, await Highest());
    }

    [SkippableFact]
    public async Task Ids_do_not_see_each_other()
    {
        await Write(1, "a");
        await Journal.WriteAsync(Request("other", new AtomicBatch([new NewEvent(1, "x"), new NewEvent(2, "y")])));

        Assert.Equal([(1, "a")], await Replay());
        Assert.Equal(2, await Journal.ReadHighestSequenceNrAsync("other", default));
    }

    [SkippableFact]
    public async Task Replay_keeps_to_its_bounds_which_are_inclusive()
    {
        await Write(1, "a", "b", "c", "d", "e", "f", "g");

        Assert.Equal([(3, "c"), (4, "d"), (5, "e"), (6, "f")], await Replay(from: 3, to: 6));
        Assert.Equal([(7, "g")], await Replay(from: 7));
        Assert.Empty(await Replay(from: 8));
        Assert.Empty(await Replay(from: 5, to: 4));
        Assert.Empty(await Replay(max: 0));
        Assert.Equal([(2, "b"), (3, "c"), (4, "d"), (5, "e")], await Replay(from: 2, max: 4));
    }

    [SkippableFact]
    public async Task Replay_comes_in_pages_of_bounded_size()
    {
        await Write(1, [.. Enumerable.Range(1, 2500).Select(i => $"{i}")]);

        var sizes = new List<int>();
        await foreach (var page in Journal.ReplayAsync(Id, 1, long.MaxValue, long.MaxValue, default))
        {
            sizes.Add(page.Count);
        }

        Assert.Equal(2500, sizes.Sum());
        Assert.True(sizes.Count > 2, $"{sizes.Count} pages");
    }

    [SkippableFact]
    public async Task A_number_that_is_taken_fails_and_stores_nothing()
    {
        await Write(1, "a", "b");

        await Assert.ThrowsAsync<ConflictingWriterException>(() => Write(2, "x", "y", "z"));

        Assert.Equal([(1, "a"), (2, "b")], await Replay());
    }

    [SkippableFact]
    public async Task A_number_below_the_highest_fails_also_when_its_event_was_deleted()
    {
        await Write(1, "a", "b", "c");
        await Journal.DeleteToAsync(Id, 3);

        await Assert.ThrowsAsync<ConflictingWriterException>(() => Write(2, "x"));
        await Assert.ThrowsAsync<ConflictingWriterException>(() => Write(3, "x"));

        Assert.Empty(await Replay());
    }

    [SkippableFact]
    public async Task Numbers_may_have_gaps()
    {
        await Write(1, "a");
        await Write(5, "e");

        Assert.Equal([(1, "a"), (5, "e")], await Replay());
        Assert.Equal([(5, "e")], await Replay(from: 2));
    }

    [SkippableFact]
    public async Task Deleted_events_are_not_replayed_and_the_highest_number_stays()
    {
        await Write(1, "a", "b", "c", "d");

        await Journal.DeleteToAsync(Id, 2);
        Assert.Equal([(3, "c"), (4, "d")], await Replay());
        Assert.Equal(4, await Highest());

        await Journal.DeleteToAsync(Id, long.MaxValue);
        Assert.Empty(await Replay());
        Assert.Equal(4, await Highest());

        await Write(5, "e");
        Assert.Equal([(5, "e")], await Replay());
    }

    [SkippableFact]
    public async Task Deleting_nothing_is_no_error()
    {
        await Journal.DeleteToAsync(Id, 10);
        await Write(1, "a");
        await Journal.DeleteToAsync(Id, 0);

        Assert.Equal([(1, "a")], await Replay());
    }

    [SkippableFact]
    public async Task A_read_sees_the_writes_handed_over_before_it()
    {
        var writes = Enumerable.Range(1, 50).Select(i => Write(i, $"{i}")).ToList();

        var replayed = await Replay();

        Assert.Equal(50, replayed.Count);
        await Task.WhenAll(writes);
    }

    [SkippableFact]
    public async Task Writers_of_many_ids_do_not_disturb_each_other()
    {
        var writes = Enumerable.Range(0, 2000).Select(i =>
            Journal.WriteAsync(Request($"id-{i % 100}", new AtomicBatch([new NewEvent(1 + (i / 100), $"{i}")]))));

        await Task.WhenAll(writes);

        for (var id = 0; id < 100; id++)
        {
            var expected = Enumerable.Range(0, 20).Select(n => ((long)n + 1, $"{(n * 100) + id}"));
            Assert.Equal(expected, await Replay($"id-{id}"));
        }
    }

    [SkippableFact]
    public async Task Of_two_requests_with_the_same_number_exactly_one_succeeds()
    {
        for (var round = 1; round <= 50; round++)
        {
            var number = round;
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
            {
                try
                {
                    await Task.Run(() => Write(number, $"writer {writer}"));
                    return true;
                }
                catch (ConflictingWriterException)
                {
                    return false;
                }
            }));
            Assert.Single(outcomes, succeeded => succeeded);
        }
        Assert.Equal(50, (await Replay()).Count);
    }

    private protected static WriteRequest Request(string id, params AtomicBatch[] batches) => new(id, "writer", batches);

    private protected Task<IReadOnlyList<Exception?>> Write(long first, params string[] events) =>
        Journal.WriteAsync(Request(Id, new AtomicBatch([.. events.Select((text, i) => new NewEvent(first + i, text))])));

    private protected async Task<List<(long SequenceNr, string Text)>> Replay(
        string id = Id, long from = 1, long to = long.MaxValue, long max = long.MaxValue)
    {
        var events = new List<(long, string)>();
        await foreach (var page in Journal.ReplayAsync(id, from, to, max, default))
        {
            events.AddRange(page.Select(item => (item.SequenceNr, (string)item.Payload)));
        }
        return events;
    }

    private Task<long> Highest() => Journal.ReadHighestSequenceNrAsync(Id, default);
}
