using Akka.Actor;
using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Nodes.Collections;

namespace Orchestrator.Embedded.Tests.Nodes;

public sealed class MajorityConfirmationsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_write_is_confirmed_when_a_majority_with_the_primary_has_it()
    {
        var confirmations = Of(5);
        confirmations.Await(Write(3));

        confirmations.Confirm("m1", 3);
        Assert.Empty(confirmations.TakeConfirmed());

        confirmations.Confirm("m2", 4);
        Assert.Equal([3L], Sequences(confirmations.TakeConfirmed()));
        Assert.Equal(0, confirmations.Waiting);
    }

    [Fact]
    public void A_set_of_one_confirms_by_itself()
    {
        var confirmations = Of(1);
        confirmations.Await(Write(1));

        Assert.Equal([1L], Sequences(confirmations.TakeConfirmed()));
    }

    [Fact]
    public void Two_members_need_each_other()
    {
        var confirmations = Of(2);
        confirmations.Await(Write(1));

        Assert.Empty(confirmations.TakeConfirmed());
        confirmations.Confirm("m1", 1);
        Assert.Single(confirmations.TakeConfirmed());
    }

    [Fact]
    public void Nobody_but_a_configured_member_counts()
    {
        var confirmations = Of(3);
        confirmations.Await(Write(1));
        confirmations.Confirm("stranger", 9);
        confirmations.Confirm("m0", 9);

        Assert.Empty(confirmations.TakeConfirmed());
    }

    [Fact]
    public void A_member_never_takes_a_confirmation_back()
    {
        var confirmations = Of(3);
        confirmations.Confirm("m1", 5);
        confirmations.Confirm("m1", 2);

        Assert.Equal(5, confirmations.MajorityThrough);
    }

    [Fact]
    public void Tombstones_are_held_by_all_only_through_the_slowest_member()
    {
        var confirmations = Of(3);
        confirmations.Confirm("m1", 7);
        Assert.Equal(0, confirmations.HeldByAllThrough);

        confirmations.Confirm("m2", 4);
        Assert.Equal(4, confirmations.HeldByAllThrough);
    }

    [Fact]
    public void Only_writes_whose_time_is_over_expire()
    {
        var confirmations = Of(3);
        confirmations.Await(Write(1, Start));
        confirmations.Await(Write(2, Start.AddSeconds(1)));

        Assert.Equal(Start, confirmations.NextDeadline);
        Assert.Equal([1L], Sequences(confirmations.TakeExpired(Start)));
        Assert.Equal(1, confirmations.Waiting);
    }

    [Fact]
    public void No_write_is_confirmed_that_fewer_than_a_majority_have()
    {
        Prop.ForAll(
            Gen.Choose(1, 7).Two().ToArbitrary(),
            Gen.Choose(0, 20).ArrayOf().ToArbitrary(),
            (size, marks) =>
            {
                var confirmations = Of(size.Item1);
                var held = new Dictionary<int, int>();
                for (var sequence = 1; sequence <= 20; sequence++)
                {
                    confirmations.Await(Write(sequence));
                }

                for (var i = 0; i < marks.Length; i++)
                {
                    var member = i % size.Item1;
                    held[member] = Math.Max(held.GetValueOrDefault(member), marks[i]);
                    confirmations.Confirm($"m{member}", marks[i]);
                    foreach (var write in confirmations.TakeConfirmed())
                    {
                        var have = 1 + held.Count(entry => entry.Key != 0 && entry.Value >= write.Sequence);
                        Assert.True(have >= (size.Item1 / 2) + 1, $"{write.Sequence} is on {have} of {size.Item1}");
                    }
                }
            }).Check(Properties.Repeatable(100));
    }

    private static MajorityConfirmations Of(int members) => new(1, "m0", [.. Enumerable.Range(0, members).Select(i => $"m{i}")]);

    private static UnconfirmedWrite Write(long sequence, DateTimeOffset? deadline = null) =>
        new(ActorRefs.Nobody, sequence, deadline ?? Start, new DocumentMissing("x"));

    private static IEnumerable<long> Sequences(IReadOnlyList<UnconfirmedWrite> writes) => writes.Select(write => write.Sequence);
}
