using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Embedded.Nodes;

/// <summary>What the parts of a database node use of it: plain classes on its mailbox, one for each subject.</summary>
internal interface INode
{
    NodeOptions Options { get; }

    DateTimeOffset Now => Options.Time.GetUtcNow();

    IActorContext Context { get; }

    IActorRef Self { get; }

    IActorRef Sender { get; }

    ILoggingAdapter Log { get; }

    /// <summary>What it has promised, and whom it follows.</summary>
    MemberState Member { get; }

    /// <summary>What that means for its collections.</summary>
    CollectionDuty Duty { get; }

    /// <summary>Tells the member's state machine a command, when the facts of the last one are on disk.</summary>
    void Handle(MemberCommand command, IActorRef sender);

    /// <summary>Carries out what the member's state machine admits and leaves to others.</summary>
    void CarryOut(INodeCommand command, IActorRef sender);

    /// <summary>Tells the compaction at work, if there is one.</summary>
    void TellCompaction(NodeInternal message);

    /// <summary>To be called after everything that may change the node's state: tells the supervisor if it has.</summary>
    void Reassess();

    CommandRefused Refusal(RefusalCode code, string reason) => new(Options.Node, code, reason, Member.Epoch, Member.PromisedTerm);
}
