using Akka.Cluster;
using Akka.Cluster.Membership;
using Akka.Embedded.Tests.Cluster.Pure;
using Akka.Embedded.Tests.Remote;
using Akka.Remote.Wire;

namespace Akka.Embedded.Tests.Cluster;

public class ClusterMessageSerializerTests
{
    private static readonly ClusterMessageSerializer Serializer = new(null!);

    private static readonly Gossip State = States.Gossip("a:Up1 b:Joining c:Condemned3", "a>c b>c")
        .With(new MemberEntry(States.Node('d'), ["host", "node"], MemberStage.Exiting, 4))
        .WithTombstone(States.Node('e'), new Tombstone(1_700_000_000_000, HasLeft: true));

    public static TheoryData<object> Messages =>
    [
        new InitJoin(States.Node('a').Address),
        new InitJoinAck(States.Node('a').Address),
        new InitJoinNack(States.Node('a').Address),
        new Heartbeat(States.Node('a'), States.Node('b'), 77),
        new HeartbeatResponse(States.Node('a'), States.Node('b'), 77),
        States.Node('a', uid: -5),
    ];

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_comes_back_as_it_was(object message) =>
        Assert.Equal(message, Serializer.FromBinary(Serializer.ToBinary(message), Serializer.Manifest(message)));

    [Fact]
    public void A_request_to_join_keeps_its_roles()
    {
        var back = (JoinRequest)RoundTrip(new JoinRequest(States.Node('a'), ["x", "y"]));
        Assert.Equal(["x", "y"], back.Roles.Order());
    }

    [Fact]
    public void A_state_comes_back_as_it_was()
    {
        var back = (GossipEnvelope)RoundTrip(new GossipEnvelope(States.Node('a'), States.Node('b'), State, IsFate: true));
        Assert.True(back.IsFate);
        Assert.True(State.SameAs(back.Gossip));
        Assert.Equal(State.Tombstones, back.Gossip.Tombstones);
        Assert.Equal(["host", "node"], back.Gossip.Members[States.Node('d')].Roles.Order());
        Assert.True(State.SameAs(((Welcome)RoundTrip(new Welcome(States.Node('a'), States.Node('b'), State))).Gossip));
    }

    [Fact]
    public void Damaged_states_are_read_or_refused_and_nothing_else()
    {
        var bytes = Serializer.ToBinary(new GossipEnvelope(States.Node('a'), States.Node('b'), State, IsFate: false));
        for (var seed = 0; seed < 5_000; seed++)
        {
            try
            {
                Serializer.FromBinary(FrameCodecTests.Damaged(bytes, new Random(seed)), "GE");
            }
            catch (WireFormatException)
            {
                // Refused, as it should be.
            }
            catch (Exception cause)
            {
                Assert.Fail($"seed {seed}: {cause}");
            }
        }
    }

    private static object RoundTrip(ClusterMessage message) => Serializer.FromBinary(Serializer.ToBinary(message), Serializer.Manifest(message));
}
