using Orchestrator.Core.Nodes;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Topology;

public class VerificationOutcomeTests
{
    private static readonly CollectionVerdict Sound = new("shop", "orders", [], 5, 5, new FeedPosition("shop", "orders", 1, 7), "abc");
    private static readonly CollectionComparison Equal = new("shop", "orders", 7, 5, ["node-1", "node-2"], [], [], 0);
    private static readonly MemberDifference Different = new("node-3", 3, "a", "z", ["a", "b", "z"], "copy it anew");

    [Fact]
    public void Sound_files_and_equal_members_are_sound_even_if_somebody_else_is_away() => AssertOutcome(
        VerificationResult.Sound,
        "sound, 1 collection",
        Ended(Sound, Equal with { NotCompared = [new MemberNotCompared("node-3", "it does not answer")] }));

    [Fact]
    public void The_only_member_of_a_set_need_not_be_compared() => AssertOutcome(
        VerificationResult.Sound,
        "sound, 1 collection",
        Ended(Sound, Equal with { Compared = [], NotCompared = [new MemberNotCompared("node-2", "there is no other member to compare it with")] }));

    [Fact]
    public void A_member_that_was_not_compared_though_there_are_others_is_not_verified() => AssertOutcome(
        VerificationResult.Unfinished,
        "shop/orders was not compared: node-2: shop/orders catches up",
        Ended(Sound, Equal with { Compared = ["node-1", "node-3"], NotCompared = [new MemberNotCompared("node-2", "shop/orders catches up")] }));

    [Fact]
    public void Nor_is_one_whose_others_are_all_away() => AssertOutcome(
        VerificationResult.Unfinished,
        "shop/orders was not compared: node-2: there is no other member to compare it with, node-1: it does not answer",
        Ended(Sound, Equal with
        {
            Compared = [],
            NotCompared =
            [
                new MemberNotCompared("node-1", "it does not answer"), new MemberNotCompared("node-2", "there is no other member to compare it with"),
            ],
        }));

    [Fact]
    public void What_is_wrong_in_the_files_is_named() => AssertOutcome(
        VerificationResult.Unsound,
        "shop/orders on node-2 is not sound: p1; p2; p3; and 1 more",
        Ended(Sound with { Problems = ["p1", "p2", "p3", "p4"] }, Equal));

    [Fact]
    public void A_difference_is_named_before_what_is_wrong_in_the_files() => AssertOutcome(
        VerificationResult.Different,
        "node-3 differs in 3 documents of shop/orders ('a' to 'z'): copy it anew; shop/orders on node-2 is not sound: p1",
        Ended(Sound with { Problems = ["p1"] }, Equal with { Differences = [Different] }));

    [Fact]
    public void A_difference_counts_also_where_the_member_itself_was_not_compared() => AssertOutcome(
        VerificationResult.Different,
        "node-3 differs in at least 3 documents of shop/orders ('a' to 'z'): copy it anew",
        Ended(Sound, Equal with { Compared = ["node-1", "node-3"], Differences = [Different], EndedEarly = true }));

    [Fact]
    public void One_that_was_not_carried_out_says_why() => AssertOutcome(
        VerificationResult.Unfinished,
        "node-2 is gone",
        Ended(Sound, Equal) with { Phase = VerificationPhase.Failed, Reason = "node-2 is gone" });

    private static void AssertOutcome(VerificationResult result, string text, VerificationView view) =>
        Assert.Equal(new VerificationOutcome(result, text), VerificationOutcome.Of(view));

    private static VerificationView Ended(CollectionVerdict verdict, CollectionComparison comparison) => new(
        "v", "test", "node-2", "", "", "ann", VerificationPhase.Completed, "", Some.Noon, Some.Noon, Some.Noon, FileCheckProgress.None, [verdict], [comparison]);
}
