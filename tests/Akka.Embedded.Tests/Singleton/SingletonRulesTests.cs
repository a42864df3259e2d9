using Akka.Cluster;
using Akka.Cluster.Tools.Singleton;
using Akka.Embedded.Tests.Cluster.Pure;

namespace Akka.Embedded.Tests.Singleton;

public class SingletonRulesTests
{
    private const long Margin = 2000;

    [Fact]
    public void The_oldest_starts_the_instance_and_a_younger_one_does_not()
    {
        var (a, b) = (Manager('a'), Manager('b'));
        Assert.Contains(new SingletonEffect.Start(), a.Seen("a", MemberStatus.Up, 1));
        Assert.DoesNotContain(new SingletonEffect.Start(), b.Seen("a", MemberStatus.Up, 1).Concat(b.Seen("b", MemberStatus.Up, 2)));
    }

    [Fact]
    public void A_node_that_is_not_Up_starts_nothing()
    {
        var a = Manager('a');
        Assert.Empty(a.Seen("a", MemberStatus.Joining, int.MaxValue));
        Assert.Empty(a.Seen("a", MemberStatus.Leaving, 1));
    }

    [Fact]
    public void After_a_loss_the_next_one_waits_for_removal_and_margin()
    {
        var b = Manager('b');
        b.Seen("a", MemberStatus.Up, 1);
        b.Seen("b", MemberStatus.Up, 2);
        Assert.Empty(b.Seen("a", MemberStatus.Down, 1));
        Assert.Empty(b.Gone("a", MemberStatus.Down, nowMs: 1000));
        Assert.Empty(b.Do(new SingletonInput.Tick(), 1000 + Margin - 1));
        Assert.Equal([new SingletonEffect.Start()], b.Do(new SingletonInput.Tick(), 1000 + Margin));
    }

    [Fact]
    public void After_an_orderly_exit_the_next_one_starts_at_once()
    {
        var b = Manager('b');
        b.Seen("a", MemberStatus.Up, 1);
        b.Seen("b", MemberStatus.Up, 2);
        b.Seen("a", MemberStatus.Exiting, 1);
        Assert.Equal([new SingletonEffect.AskHandOver(States.Node('a'))], b.Do(new SingletonInput.Tick(), 0));
        Assert.Equal([new SingletonEffect.Start()], b.Gone("a", MemberStatus.Exiting, nowMs: 0));
    }

    [Fact]
    public void A_hand_over_lets_the_next_one_start_before_the_removal()
    {
        var b = Manager('b');
        b.Seen("a", MemberStatus.Up, 1);
        b.Seen("b", MemberStatus.Up, 2);
        b.Seen("a", MemberStatus.Exiting, 1);
        Assert.Equal([new SingletonEffect.Start()], b.Do(new SingletonInput.HandOverDone(States.Node('a')), 0));
        Assert.Empty(b.Gone("a", MemberStatus.Down, nowMs: 0));
    }

    [Fact]
    public void An_exiting_host_says_that_it_has_stopped_only_when_it_has()
    {
        var a = Manager('a');
        a.Seen("a", MemberStatus.Up, 1);
        Assert.Empty(a.Do(new SingletonInput.HandOverAsked(States.Node('b')), 0));
        Assert.Equal([new SingletonEffect.StopGently()], a.Seen("a", MemberStatus.Exiting, 1));
        Assert.Empty(a.Do(new SingletonInput.HandOverAsked(States.Node('b')), 0));
        Assert.Equal(
            [new SingletonEffect.TellHandedOver(States.Node('b')), new SingletonEffect.ReadyToExit()], a.Do(new SingletonInput.InstanceStopped(), 0));
    }

    [Fact]
    public void A_host_that_is_declared_dead_stops_at_once()
    {
        var a = Manager('a');
        a.Seen("a", MemberStatus.Up, 1);
        Assert.Equal([new SingletonEffect.StopNow()], a.Seen("a", MemberStatus.Down, 1));
        var other = Manager('a');
        other.Seen("a", MemberStatus.Up, 1);
        Assert.Equal([new SingletonEffect.StopNow()], other.Do(new SingletonInput.ClusterEnded(), 0));
    }

    [Fact]
    public void An_instance_that_stopped_by_itself_is_not_started_again()
    {
        var a = Manager('a');
        a.Seen("a", MemberStatus.Up, 1);
        Assert.Empty(a.Do(new SingletonInput.InstanceStopped(), 0));
        Assert.Empty(a.Do(new SingletonInput.Tick(), 10_000));
    }

    private static Driver Manager(char self) => new(SingletonState.Initial(States.Node(self), "", Margin));

    private sealed class Driver(SingletonState state)
    {
        private SingletonState _state = state;

        public IReadOnlyList<SingletonEffect> Do(SingletonInput input, long nowMs)
        {
            (_state, var effects) = SingletonRules.Decide(_state, input, nowMs);
            return effects;
        }

        public IReadOnlyList<SingletonEffect> Seen(string name, MemberStatus status, int upNumber) =>
            Do(new SingletonInput.Seen(new Member(States.Node(name[0]), upNumber, status, [])), 0);

        public IReadOnlyList<SingletonEffect> Gone(string name, MemberStatus previous, long nowMs) =>
            Do(new SingletonInput.Gone(new Member(States.Node(name[0]), 1, MemberStatus.Removed, []), previous), nowMs);
    }
}
