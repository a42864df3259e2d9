using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Tests.Nodes;

public sealed class VersionJudgeTests
{
    [Fact]
    public void Members_that_hold_the_same_version_or_nothing_are_equal()
    {
        Assert.IsType<VersionVerdict.Equal>(Judge(Member("a", 9, "x", 5), Member("b", 12, "x", 5)));
        Assert.IsType<VersionVerdict.Equal>(Judge(Member("a", 9), Member("b", 12)));
    }

    [Fact]
    public void One_that_has_not_come_as_far_as_the_newest_version_is_asked_again()
    {
        Assert.IsType<VersionVerdict.TooEarly>(Judge(Member("a", 9, "new", 9), Member("b", 8, "old", 5)));
        Assert.IsType<VersionVerdict.TooEarly>(Judge(Member("a", 9, "new", 9), Member("b", 8)));
    }

    [Fact]
    public void A_tombstone_that_one_has_dropped_is_no_difference_but_one_that_never_was_is()
    {
        var tombstone = new MemberVersion("a", 9, 0, new HeldVersion(7, "d", true, "gone"));

        Assert.IsType<VersionVerdict.Equal>(Judge(tombstone, Member("b", 9, purged: 7)));
        Assert.Equal(["b"], Odd(Judge(tombstone, Member("b", 9, purged: 6))));
    }

    [Fact]
    public void Who_differs_from_the_majority_is_odd_even_if_it_is_primary()
    {
        Assert.Equal(["a"], Odd(Judge(Member("a", 9, "x", 5), Member("b", 9, "y", 5), Member("c", 9, "y", 5))));
        Assert.Equal(["a"], Odd(Judge(Member("a", 9), Member("b", 9, "y", 5), Member("c", 9, "y", 5))));
        Assert.Equal(["c"], Odd(Judge(Member("a", 9, "y", 5), Member("b", 9, "y", 5), Member("c", 9, "old", 3))));
    }

    [Fact]
    public void Without_a_majority_the_primary_is_right()
    {
        Assert.Equal(["b"], Odd(Judge(Member("a", 9, "x", 5), Member("b", 9, "y", 6))));
        Assert.Equal(["b", "c"], Odd(Judge(Member("a", 9, "x", 5), Member("b", 9, "y", 5), Member("c", 9, "z", 5))));
    }

    private static VersionVerdict Judge(params MemberVersion[] members) => VersionJudge.Judge(members, "a");

    private static IReadOnlyList<string> Odd(VersionVerdict verdict) => Assert.IsType<VersionVerdict.Different>(verdict).Odd;

    private static MemberVersion Member(string node, long sequence, string digest, long heldAt) =>
        new(node, sequence, 0, new HeldVersion(heldAt, "d", false, digest));

    private static MemberVersion Member(string node, long sequence, long purged = 0) => new(node, sequence, purged, null);
}
