using Akka.Actor;
using Akka.Dispatch;

namespace Akka.TestKit;

/// <summary>A test actor with the Expect methods. It can be used wherever a ref is asked for.</summary>
public class TestProbe : TestKitBase, INoImplicitSender, IInternalActorRef
{
    /// <param name="system">The system.</param>
    /// <param name="assertions">How failures are told.</param>
    /// <param name="testProbeName">Name of the actor; null for a generated one.</param>
    public TestProbe(ActorSystem system, ITestKitAssertions assertions, string? testProbeName = null)
        : base(assertions, system, testProbeName)
    {
    }

    /// <summary>The probe's actor.</summary>
    public IActorRef Ref => TestActor;

    /// <summary>Sender of the message that was received last.</summary>
    public IActorRef Sender => LastSender;

    ActorPath IActorRef.Path => TestActor.Path;

    IInternalActorRef IInternalActorRef.Parent => Internal.Parent;

    IActorRefProvider IInternalActorRef.Provider => Internal.Provider;

    bool IInternalActorRef.IsLocal => true;

    bool IInternalActorRef.IsTerminated => Internal.IsTerminated;

    private IInternalActorRef Internal => (IInternalActorRef)TestActor;

    /// <summary>Sends a message from the probe.</summary>
    public void Send(IActorRef actor, object message) => actor.Tell(message, TestActor);

    /// <summary>Answers the message that was received last.</summary>
    public void Reply(object message) => Sender.Tell(message, TestActor);

    /// <summary>Sends the message that was received last on, with its sender.</summary>
    public void Forward(IActorRef actor) => actor.Tell(LastMessage, Sender);

    /// <summary>Sends a message with the sender of the one that was received last.</summary>
    public void Forward(IActorRef actor, object message) => actor.Tell(message, Sender);

    public int CompareTo(object? obj) => TestActor.CompareTo(obj);

    public override bool Equals(object? obj) => TestActor.Equals(obj is TestProbe probe ? probe.TestActor : obj);

    public override int GetHashCode() => TestActor.GetHashCode();

    public override string ToString() => TestActor.ToString()!;

    void ICanTell.Tell(object message, IActorRef? sender) => TestActor.Tell(message, sender);

    int IComparable<IActorRef>.CompareTo(IActorRef? other) => TestActor.CompareTo(other);

    bool IEquatable<IActorRef>.Equals(IActorRef? other) => TestActor.Equals(other);

    IInternalActorRef IInternalActorRef.GetChild(ReadOnlySpan<string> names) => Internal.GetChild(names);

    void IInternalActorRef.SendSystemMessage(ISystemMessage message) => Internal.SendSystemMessage(message);
}
