using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// The cluster singleton: keeps one <see cref="SupervisorActor"/> below it and starts it again, after a pause, when it has
/// stopped because its journal failed. Forwards everything to it. Keeps nothing itself.
/// </summary>
internal sealed class SupervisorHostActor : ReceiveActor, IWithTimers
{
    private const int MaxDoublings = 5;

    private readonly Props supervisor;
    private readonly SupervisorOptions options;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private IActorRef child = ActorRefs.Nobody;
    private DateTimeOffset startedAt;
    private int failures;

    public SupervisorHostActor(Props supervisor, SupervisorOptions options)
    {
        this.supervisor = supervisor;
        this.options = options;
        Receive<Terminated>(_ => OnTerminated());
        Receive<StartAgain>(_ => StartSupervisor());
        Receive<ISupervisorRequest>(request =>
        {
            if (child.Equals(ActorRefs.Nobody))
            {
                Sender.Tell(new RequestFailed(FailureCode.Unavailable, "the supervisor's journal failed; it is started again", ""));
            }
            else
            {
                child.Forward(request);
            }
        });
        ReceiveAny(message => child.Forward(message));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(Props supervisor, SupervisorOptions options) =>
        Akka.Actor.Props.Create(() => new SupervisorHostActor(supervisor, options));

    protected override void PreStart() => StartSupervisor();

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(error =>
    {
        log.Error(error, "the supervisor failed");
        return Directive.Stop;
    });

    private void StartSupervisor()
    {
        startedAt = options.Time.GetUtcNow();
        child = Context.Watch(Context.ActorOf(supervisor));
    }

    private void OnTerminated()
    {
        var lived = options.Time.GetUtcNow() - startedAt;
        failures = lived > options.RestartBackoff * (1 << MaxDoublings) ? 0 : Math.Min(failures + 1, MaxDoublings);
        var pause = options.RestartBackoff * (1 << failures);
        log.Warning("the supervisor has stopped and is started again in {0}", pause);
        child = ActorRefs.Nobody;
        Timers.StartSingleTimer("start", StartAgain.Instance, pause);
    }

    private sealed record StartAgain
    {
        public static StartAgain Instance { get; } = new();
    }
}
