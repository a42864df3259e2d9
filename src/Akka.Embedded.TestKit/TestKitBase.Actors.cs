using System.Linq.Expressions;
using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Makes an actor.</summary>
    public IActorRef ActorOf(Props props) => Sys.ActorOf(props);

    /// <summary>Makes an actor with a name.</summary>
    public IActorRef ActorOf(Props props, string? name) => Sys.ActorOf(props, name);

    /// <summary>Makes an actor.</summary>
    public IActorRef ActorOf<TActor>()
        where TActor : ActorBase, new() => Sys.ActorOf(Props.Create<TActor>());

    /// <summary>Makes an actor with a name.</summary>
    public IActorRef ActorOf<TActor>(string name)
        where TActor : ActorBase, new() => Sys.ActorOf(Props.Create<TActor>(), name);

    /// <summary>Makes an actor from a constructor call.</summary>
    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory)
        where TActor : ActorBase => Sys.ActorOf(Props.Create(factory));

    /// <summary>Makes an actor with a name from a constructor call.</summary>
    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory, string name)
        where TActor : ActorBase => Sys.ActorOf(Props.Create(factory), name);

    /// <summary>The actors at a path.</summary>
    public ActorSelection ActorSelection(ActorPath actorPath) => Sys.ActorSelection(actorPath);

    /// <summary>The actors at a path.</summary>
    public ActorSelection ActorSelection(string actorPath) => Sys.ActorSelection(actorPath);

    /// <summary>The actors at a path from a ref.</summary>
    public ActorSelection ActorSelection(IActorRef anchorRef, string actorPath) => new(anchorRef, actorPath);

    /// <summary>A test actor of its own, with the Expect methods.</summary>
    public virtual TestProbe CreateTestProbe(string? name = null) => CreateTestProbe(Sys, name);

    /// <summary>A test actor of its own, with the Expect methods, in another system.</summary>
    public virtual TestProbe CreateTestProbe(ActorSystem system, string? name = null) => new(system, _assertions, name);

    /// <summary>Another actor whose messages come to this test.</summary>
    public IActorRef CreateTestActor(string name) => NewTestActor(_queue, name);

    /// <summary>Watches an actor; <see cref="ExpectTerminated"/> sees its end.</summary>
    public IActorRef Watch(IActorRef actorToWatch) => WatchAsync(actorToWatch).GetAwaiter().GetResult();

    /// <summary>Watches an actor; <see cref="ExpectTerminated"/> sees its end.</summary>
    public async Task<IActorRef> WatchAsync(IActorRef actorToWatch)
    {
        await TestActor.Ask<InternalTestActor.StartWatch>(new InternalTestActor.StartWatch(actorToWatch), RemainingOrDefault).ConfigureAwait(false);
        return actorToWatch;
    }

    /// <summary>Ends the watch.</summary>
    public IActorRef Unwatch(IActorRef actorToUnwatch) => UnwatchAsync(actorToUnwatch).GetAwaiter().GetResult();

    /// <summary>Ends the watch.</summary>
    public async Task<IActorRef> UnwatchAsync(IActorRef actorToUnwatch)
    {
        await TestActor.Ask<InternalTestActor.EndWatch>(new InternalTestActor.EndWatch(actorToUnwatch), RemainingOrDefault).ConfigureAwait(false);
        return actorToUnwatch;
    }

    /// <summary>Drops messages that the function holds for, before the test sees them.</summary>
    public void IgnoreMessages(Func<object, bool> shouldIgnoreMessage) =>
        TestActor.Tell(new InternalTestActor.SetIgnore(shouldIgnoreMessage), ActorRefs.NoSender);

    /// <summary>Drops messages of a type.</summary>
    public void IgnoreMessages<TMsg>() => IgnoreMessages(message => message is TMsg);

    /// <summary>Drops messages of a type that the function holds for.</summary>
    public void IgnoreMessages<TMsg>(Func<TMsg, bool> shouldIgnoreMessage) =>
        IgnoreMessages(message => message is TMsg typed && shouldIgnoreMessage(typed));

    /// <summary>Drops no more messages.</summary>
    public void IgnoreNoMessages() => TestActor.Tell(new InternalTestActor.SetIgnore(null), ActorRefs.NoSender);

    /// <summary>Sets what answers the messages in place of the test.</summary>
    public void SetAutoPilot(AutoPilot pilot) => TestActor.Tell(new InternalTestActor.SetAutoPilot(pilot), ActorRefs.NoSender);
}
