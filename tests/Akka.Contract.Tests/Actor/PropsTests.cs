using Akka.Actor;

namespace Akka.Contract.Tests.Actor;

public sealed class PropsTests : Akka.TestKit.Xunit2.TestKit
{
    private sealed class Holder : UntypedActor
    {
        private readonly object _value;

        public Holder()
            : this("default", 0)
        {
        }

        public Holder(string text, int number) => _value = (text, number);

        protected override void OnReceive(object message) => Sender.Tell(_value);
    }

    private static int _evaluations;

    private static string Evaluate() => "evaluated " + Interlocked.Increment(ref _evaluations);

    [Fact]
    public void Arguments_of_the_expression_are_evaluated_once()
    {
        var before = _evaluations;
        var number = 5;
        var props = Props.Create(() => new Holder(Evaluate() + "!", number + 1));
        number = 100;
        for (var i = 0; i < 2; i++)
        {
            Sys.ActorOf(props).Tell("get");
            ExpectMsg(($"evaluated {before + 1}!", 6));
        }

        Assert.Equal(typeof(Holder), props.Type);
        Assert.Equal([$"evaluated {before + 1}!", 6], props.Arguments);
    }

    [Fact]
    public void Props_are_made_from_type_and_arguments()
    {
        Sys.ActorOf(Props.Create<Holder>("text", 1)).Tell("get");
        ExpectMsg(("text", 1));
        Sys.ActorOf(Props.Create(typeof(Holder), "text", 2)).Tell("get");
        ExpectMsg(("text", 2));
        Sys.ActorOf(Props.Create<Holder>()).Tell("get");
        ExpectMsg(("default", 0));
    }

    [Fact]
    public void Only_a_constructor_call_is_accepted() =>
        Assert.Throws<ArgumentException>(() => Props.Create(() => Make()));

    [Fact]
    public void Only_actors_are_accepted() => Assert.ThrowsAny<ArgumentException>(() => Props.Create(typeof(string)));

    [Fact]
    public void Arguments_without_constructor_make_the_start_fail() =>
        EventFilter.Exception<ActorInitializationException>().ExpectOne(() => Sys.ActorOf(Props.Create<Holder>("only one")));

    private static Holder Make() => throw new InvalidOperationException("never called");
}
