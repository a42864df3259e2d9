using Akka.Actor;
using Akka.Event;

namespace Akka.Contract.Tests.Actor;

public sealed class SelectionTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(30);

    private sealed class Node : UntypedActor
    {
        public Node(int children, int depth)
        {
            for (var i = 0; i < children && depth > 0; i++)
            {
                Context.ActorOf(Props.Create(typeof(Node), children, depth - 1), "child" + i);
            }
        }

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case (string path, object inner):
                    Context.ActorSelection(path).Tell(inner, Sender);
                    break;
                case "where":
                    Sender.Tell(Self.Path.ToStringWithoutAddress());
                    break;
            }
        }
    }

    /// <summary>Two levels of two children each; all are there when it returns.</summary>
    private async Task<IActorRef> Tree()
    {
        var tree = Sys.ActorOf(Props.Create(() => new Node(2, 2)), "tree");
        foreach (var path in new[] { "child0/child1", "child1/child1" })
        {
            await AwaitAssertAsync(() => Sys.ActorSelection(tree, path).ResolveOne(_long));
        }

        return tree;
    }

    [Theory]
    [InlineData("/user/tree")]
    [InlineData("/user/tree/child1")]
    [InlineData("/user/tree/child1/child0")]
    [InlineData("akka://test/user/tree/child1")]
    [InlineData("tree/child0")]
    [InlineData("/user/tree/child0/../child1")]
    public async Task A_path_finds_the_actor(string path)
    {
        await Tree();
        var found = await Sys.ActorSelection(path).ResolveOne(_long);
        Assert.Equal(path.Split('/')[^1], found.Path.Name);
    }

    [Fact]
    public async Task An_actor_path_finds_the_actor()
    {
        var tree = await Tree();
        Assert.Equal(tree, await Sys.ActorSelection(tree.Path).ResolveOne(_long));
    }

    [Fact]
    public async Task A_path_without_actor_is_an_ActorNotFoundException() =>
        await Assert.ThrowsAsync<ActorNotFoundException>(() => Sys.ActorSelection("/user/missing").ResolveOne(_long));

    [Theory]
    [InlineData("/user/tree/*", 2)]
    [InlineData("/user/tree/*/*", 4)]
    [InlineData("/user/tree/child?/child1", 2)]
    [InlineData("/user/tree/*1", 1)]
    public async Task Wildcards_choose_several_actors(string path, int expected)
    {
        await Tree();
        Sys.ActorSelection(path).Tell("where");
        var places = ReceiveN(expected).Cast<string>().ToList();
        Assert.Equal(expected, places.Distinct().Count());
    }

    [Fact]
    public async Task A_relative_path_starts_at_the_actor()
    {
        var tree = await Tree();
        tree.Tell(("child0", (object)("../child1", (object)"where")));
        ExpectMsg("/user/tree/child1");
    }

    [Fact]
    public async Task Identify_is_answered_by_every_actor()
    {
        var tree = await Tree();
        tree.Tell(new Identify(5));
        Assert.Equal(new ActorIdentity(5, tree), ExpectMsg<ActorIdentity>());
    }

    [Fact]
    public void Identify_of_a_path_without_actor_is_answered_with_no_subject()
    {
        Sys.ActorSelection("/user/missing").Tell(new Identify("id"));
        var identity = ExpectMsg<ActorIdentity>();
        Assert.Equal("id", identity.MessageId);
        Assert.Null(identity.Subject);
    }

    [Fact]
    public void A_message_to_a_path_without_actor_becomes_a_dead_letter()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        Sys.ActorSelection("/user/missing").Tell("lost");
        Assert.Equal("lost", ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public async Task A_ref_is_found_again_by_its_text()
    {
        var tree = await Tree();
        var provider = ((ExtendedActorSystem)Sys).Provider;
        Assert.Equal(tree, provider.ResolveActorRef(tree.Path.ToSerializationFormat()));
        Assert.Equal(tree, provider.ResolveActorRef("akka://test/user/tree"));
        Assert.NotEqual(tree, provider.ResolveActorRef("akka://test/user/tree#1"));
        Assert.NotEqual(tree, provider.ResolveActorRef("akka://other/user/tree"));
    }
}
