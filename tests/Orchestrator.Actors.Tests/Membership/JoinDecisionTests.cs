using Akka.Actor;
using Orchestrator.Actors.Membership;

namespace Orchestrator.Actors.Tests.Membership;

public sealed class JoinDecisionTests
{
    private static readonly Address One = Of(1);
    private static readonly Address Two = Of(2);
    private static readonly Address Three = Of(3);

    [Fact]
    public void The_first_seed_founds_a_cluster_at_once_when_nothing_is_known_of_another()
    {
        Assert.IsType<FoundCluster>(JoinDecision.Decide(View(One, (Two, Presence.Gone), (Three, Presence.Waiting))));
    }

    [Theory]
    [InlineData(Presence.Gone)]
    [InlineData(Presence.Silent)]
    public void Another_one_gives_those_before_it_in_the_list_time_to_come(object missing)
    {
        var view = View(Two, (One, (Presence)missing), (Three, Presence.WaitingToFound));

        Assert.IsType<WaitToJoin>(JoinDecision.Decide(view));
        Assert.IsType<FoundCluster>(JoinDecision.Decide(view with { Looking = TimeSpan.FromSeconds(10) }));
    }

    [Fact]
    public void Another_one_lets_those_before_it_found_that_are_there_and_can()
    {
        var view = View(Two, (One, Presence.WaitingToFound), (Three, Presence.Gone)) with { Looking = TimeSpan.FromSeconds(20) };

        Assert.Contains("host1:1", Assert.IsType<WaitToJoin>(JoinDecision.Decide(view)).Reason, StringComparison.Ordinal);
        Assert.IsType<FoundCluster>(JoinDecision.Decide(View(Two, (One, Presence.Waiting), (Three, Presence.Gone))));
    }

    [Fact]
    public void Who_sees_nobody_else_founds_without_a_readable_claim_only_if_there_is_nobody_else()
    {
        var view = View(One) with { Seeds = [One], ClaimError = "no answer" };

        Assert.IsType<FoundCluster>(JoinDecision.Decide(view));
        Assert.IsType<WaitToJoin>(JoinDecision.Decide(view with { AreSeedsComplete = false }));
    }

    [Fact]
    public void Who_is_a_member_of_a_cluster_is_joined_whatever_the_claim_says()
    {
        var view = View(One, (Three, Presence.Gone)) with { Claim = Claim(1, Three) };
        var sightings = new Dictionary<Address, Sighting>(view.Sightings) { [Two] = new(Presence.Member, "c", [Two, One]) };

        var join = Assert.IsType<JoinCluster>(JoinDecision.Decide(view with { Sightings = sightings }));

        Assert.Equal("c", join.Cluster);
        Assert.Equal([Two], join.Members);
    }

    [Fact]
    public void Of_two_clusters_the_one_with_the_claim_is_joined()
    {
        var view = View(One) with
        {
            Claim = new ClusterClaim("second", [Three.ToString()], TimeSpan.Zero),
            Sightings = new Dictionary<Address, Sighting>
            {
                [Two] = new(Presence.Member, "first", [Two]),
                [Three] = new(Presence.Member, "second", [Three]),
            },
        };

        Assert.Equal("second", Assert.IsType<JoinCluster>(JoinDecision.Decide(view)).Cluster);
    }

    [Fact]
    public void A_member_that_cannot_be_reached_from_here_keeps_a_process_from_joining()
    {
        var view = View(One, (Three, Presence.Silent));
        var sightings = new Dictionary<Address, Sighting>(view.Sightings) { [Two] = new(Presence.Member, "c", [Two, Three]) };

        Assert.Contains("host3:3", Assert.IsType<WaitToJoin>(JoinDecision.Decide(view with { Sightings = sightings })).Reason, StringComparison.Ordinal);
    }

    /// <summary>The first seed node comes back alone.</summary>
    [Theory]
    [InlineData(Presence.Silent, 1, false)]
    [InlineData(Presence.Silent, 29, false)]
    [InlineData(Presence.Silent, 30, true)]
    [InlineData(Presence.Gone, 9, false)]
    [InlineData(Presence.Gone, 10, true)]
    [InlineData(Presence.Waiting, 0, true)]
    public void Nobody_founds_a_cluster_while_the_last_one_may_run(object others, int claimAge, bool founds)
    {
        var view = View(One, (Two, (Presence)others), (Three, (Presence)others)) with { Claim = Claim(claimAge, One, Two, Three) };

        Assert.Equal(founds, JoinDecision.Decide(view) is FoundCluster);
    }

    /// <summary>The founder died before it could write down who had joined.</summary>
    [Fact]
    public void A_seed_node_that_the_claim_does_not_name_may_be_a_member_all_the_same()
    {
        var view = View(One, (Two, Presence.Silent), (Three, Presence.Silent)) with { Claim = Claim(2, One) };

        Assert.IsType<WaitToJoin>(JoinDecision.Decide(view));
        Assert.IsType<FoundCluster>(JoinDecision.Decide(view with { Seeds = [One] }));
    }

    [Fact]
    public void A_process_of_the_old_cluster_that_is_no_seed_node_counts_too()
    {
        var stranger = Of(9);
        var view = View(One, (Two, Presence.Gone), (Three, Presence.Gone), (stranger, Presence.Silent)) with { Claim = Claim(20, One, stranger) };

        Assert.Contains("host9:9", Assert.IsType<WaitToJoin>(JoinDecision.Decide(view)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_journal_nobody_founds_a_cluster_who_has_others_to_ask()
    {
        var view = View(One, (Two, Presence.Gone), (Three, Presence.Gone)) with { ClaimError = "disk full" };

        Assert.Contains("disk full", Assert.IsType<WaitToJoin>(JoinDecision.Decide(view)).Reason, StringComparison.Ordinal);
        Assert.IsType<FoundCluster>(JoinDecision.Decide(view with { Seeds = [One] }));
    }

    [Fact]
    public void A_process_without_TLS_is_told_that_the_cluster_that_runs_has_it()
    {
        var view = View(One, (Two, Presence.Gone), (Three, Presence.Gone)) with { Claim = Claim(1, new Address("akka.ssl.tcp", "orchestrator", "host2", 2)) };

        Assert.Contains("orchestrator.remoting.tls", Assert.IsType<WaitToJoin>(JoinDecision.Decide(view)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_cannot_found_waits()
    {
        Assert.IsType<WaitToJoin>(JoinDecision.Decide(View(One) with { CanFound = false }));
    }

    private static JoinView View(Address self, params (Address Address, Presence Presence)[] others) => new()
    {
        Self = self,
        Seeds = [One, Two, Three],
        CanFound = true,
        Sightings = others.ToDictionary(other => other.Address, other => Sighting.Of(other.Presence)),
        Looking = TimeSpan.Zero,
        StaleAfter = TimeSpan.FromSeconds(30),
    };

    private static ClusterClaim Claim(int age, params Address[] members) =>
        new("old", [.. members.Select(member => member.ToString())], TimeSpan.FromSeconds(age));

    private static Address Of(int number) => new("akka.tcp", "orchestrator", FormattableString.Invariant($"host{number}"), number);
}
