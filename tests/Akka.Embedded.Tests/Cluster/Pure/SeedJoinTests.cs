using Akka.Actor;
using Akka.Cluster.Membership;

namespace Akka.Embedded.Tests.Cluster.Pure;

public class SeedJoinTests
{
    private static readonly Address[] Seeds = [.. "abc".Select(n => States.Node(n).Address)];

    [Fact]
    public void The_only_seed_node_founds_a_cluster_at_once() =>
        Assert.Equal([new SeedJoinStep.Found()], new SeedJoin(Seeds[0], [Seeds[0]], 0, 5000, false).Tick(0));

    [Fact]
    public void The_first_seed_node_founds_a_cluster_when_all_others_have_none()
    {
        var search = new SeedJoin(Seeds[0], Seeds, 0, 5000, false);
        Assert.Equal([new SeedJoinStep.Ask(Seeds[1]), new SeedJoinStep.Ask(Seeds[2])], search.Tick(0));
        Assert.Empty(search.Declined(Seeds[1], 10));
        Assert.Equal([new SeedJoinStep.Found()], search.Declined(Seeds[2], 20));
    }

    [Fact]
    public void The_first_seed_node_waits_for_silent_ones_only_so_long()
    {
        var search = new SeedJoin(Seeds[0], Seeds, 0, 5000, false);
        var founded = Enumerable.Range(0, 60).Select(i => (At: i * 100, Steps: search.Tick(i * 100))).First(s => s.Steps.Contains(new SeedJoinStep.Found()));
        Assert.Equal(5000, founded.At);
    }

    [Fact]
    public void Time_in_which_the_process_was_frozen_does_not_count()
    {
        var search = new SeedJoin(Seeds[0], Seeds, 0, 5000, false);
        search.Tick(0);
        Assert.DoesNotContain(new SeedJoinStep.Found(), search.Tick(60_000));
    }

    [Fact]
    public void A_first_seed_node_that_knows_of_a_cluster_does_not_take_silence_for_its_end()
    {
        var search = new SeedJoin(Seeds[0], Seeds, 0, 5000, knowsCluster: true);
        Assert.DoesNotContain(Enumerable.Range(0, 1000).SelectMany(i => search.Tick(i * 100)), s => s is SeedJoinStep.Found);
    }

    [Fact]
    public void Other_seed_nodes_never_found_a_cluster()
    {
        var search = new SeedJoin(Seeds[1], Seeds, 0, 5000, false);
        var steps = Enumerable.Range(0, 1000).SelectMany(i => search.Tick(i * 100)).Concat(search.Declined(Seeds[0], 1)).Concat(search.Declined(Seeds[2], 1));
        Assert.DoesNotContain(new SeedJoinStep.Found(), steps);
    }

    [Fact]
    public void The_first_answer_is_followed_and_later_ones_are_not()
    {
        var search = new SeedJoin(Seeds[1], Seeds, 0, 5000, false);
        Assert.Equal([new SeedJoinStep.JoinTo(Seeds[2])], search.Acknowledged(Seeds[2]));
        Assert.Empty(search.Acknowledged(Seeds[0]));
        Assert.Empty(search.Tick(10_000));
    }
}
