using Akka.Actor;

namespace Orchestrator.Actors;

/// <summary>
/// A child whose state cannot be made anew while its parent goes on takes the parent with it when it fails; the others are started again, as
/// usual.
/// </summary>
internal sealed class VitalChildrenStrategy(Predicate<IActorRef> isVital)
    : OneForOneStrategy(Akka.Actor.SupervisorStrategy.DefaultDecider.Decide)
{
    protected override Directive Handle(IActorRef child, Exception exception) =>
        isVital(child) ? Directive.Escalate : base.Handle(child, exception);
}
