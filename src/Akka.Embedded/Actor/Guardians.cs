using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>The root of the tree: parent of <c>/user</c> and <c>/system</c>. When one of them fails, the system ends.</summary>
internal sealed class RootGuardian : UntypedActor
{
    protected override void OnReceive(object message) => Unhandled(message);

    protected override SupervisorStrategy SupervisorStrategy() => Actor.SupervisorStrategy.StoppingStrategy;

    protected override void Unhandled(object message)
    {
        if (message is not Terminated)
        {
            base.Unhandled(message);
        }
    }
}

/// <summary><c>/user</c>: parent of the application's top-level actors.</summary>
internal sealed class UserGuardian(SupervisorStrategy strategy) : UntypedActor
{
    protected override void OnReceive(object message) => Unhandled(message);

    protected override SupervisorStrategy SupervisorStrategy() => strategy;

    // The children live on: the guardian holds no state that a restart would have to give them anew.
    protected override void PreRestart(Exception reason, object? message)
    {
    }
}

/// <summary>
/// <c>/system</c>: parent of the runtime's own actors. Watches <c>/user</c>; after its end it runs the hooks that need running system actors (leaving
/// remoting in order), and then stops, and with it the root.
/// </summary>
internal sealed class SystemGuardian : UntypedActor
{
    private readonly ActorSystemImpl _system;

    public SystemGuardian(ActorSystemImpl system)
    {
        _system = system;
    }

    protected override void PreStart() => Context.Watch(_system.ProviderImpl.Guardian);

    // The root has nothing left to do then; it waits for this actor's own end first.
    protected override void PostStop() => _system.ProviderImpl.RootGuardian.Stop();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Terminated:
                RunTask(_system.RunTerminationHooks);
                Self.Tell(HooksDone.Instance);
                break;
            case HooksDone:
                Context.Stop(Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(cause => cause switch
    {
        ActorKilledException or ActorInitializationException => Directive.Stop,
        _ => Directive.Restart,
    });

    protected override void PreRestart(Exception reason, object? message)
    {
    }

    private sealed class HooksDone
    {
        public static readonly HooksDone Instance = new();
    }
}

/// <summary>Supervisor of the root: nothing comes after it but the end of the system.</summary>
internal sealed class RootSupervisor : MinimalActorRef
{
    private readonly ActorSystemImpl _system;
    private readonly ActorPath _path;
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RootSupervisor(ActorSystemImpl system, ActorPath rootPath)
    {
        _system = system;
        _path = rootPath / "_root-supervisor";
    }

    /// <summary>Done when the root has stopped.</summary>
    public Task Terminated => _terminated.Task;

    public override ActorPath Path => _path;

    internal override IActorRefProvider ProviderInternal => _system.Provider;

    internal override void SendSystemMessageInternal(ISystemMessage message)
    {
        switch (message)
        {
            case Failed failed:
                _system.EventStream.Publish(new Error(failed.Cause, failed.Child.Path.ToString(), typeof(RootSupervisor), "guardian failed, shutting down system"));
                failed.Child.Stop();
                break;
            case DeathWatchNotification:
                _terminated.TrySetResult();
                break;
        }
    }
}
