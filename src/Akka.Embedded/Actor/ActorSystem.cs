using Akka.Configuration;
using Akka.Event;

namespace Akka.Actor;

/// <summary>A tree of actors with its configuration, scheduler and logs. Heavy: one for each process.</summary>
public abstract class ActorSystem : IActorRefFactory, IDisposable
{
    private protected ActorSystem()
    {
    }

    /// <summary>The system's name.</summary>
    public abstract string Name { get; }

    /// <summary>The settings.</summary>
    public abstract Settings Settings { get; }

    /// <summary>Where messages without receiver go.</summary>
    public abstract IActorRef DeadLetters { get; }

    /// <summary>The bus for events of the whole system.</summary>
    public abstract EventStream EventStream { get; }

    /// <summary>The system's log.</summary>
    public abstract ILoggingAdapter Log { get; }

    /// <summary>The scheduler.</summary>
    public abstract IScheduler Scheduler { get; }

    /// <summary>The serializers.</summary>
    public abstract Serialization.Serialization Serialization { get; }

    /// <summary>Done when the system has terminated.</summary>
    public abstract Task WhenTerminated { get; }

    /// <summary>Time between <see cref="StartTime"/> and now, on the scheduler's clock.</summary>
    internal TimeSpan Uptime => Scheduler.MonotonicClock - StartTime;

    /// <summary>When the system was made, on the scheduler's clock.</summary>
    public TimeSpan StartTime { get; internal init; }

    /// <summary>Makes a system with the default configuration.</summary>
    public static ActorSystem Create(string name) => Create(name, ConfigurationFactory.Empty);

    /// <summary>Makes a system.</summary>
    /// <param name="name">Letters, digits, <c>-</c> and <c>_</c>, starting with a letter or digit.</param>
    /// <param name="config">What differs from the reference configuration.</param>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public static ActorSystem Create(string name, Config config)
    {
        var system = new ActorSystemImpl(name, config);
        system.Start();
        return system;
    }

    /// <inheritdoc/>
    public abstract IActorRef ActorOf(Props props, string? name = null);

    /// <inheritdoc/>
    public abstract ActorSelection ActorSelection(ActorPath actorPath);

    /// <inheritdoc/>
    public abstract ActorSelection ActorSelection(string actorPath);

    /// <summary>Stops an actor after the message it is handling.</summary>
    public abstract void Stop(IActorRef actor);

    /// <summary>Stops all actors and then the system; first runs the coordinated shutdown, unless that is configured off.</summary>
    public abstract Task Terminate();

    /// <summary>Adds an action to run after all actors have stopped.</summary>
    /// <exception cref="InvalidOperationException">The system is terminating.</exception>
    public abstract void RegisterOnTermination(Action code);

    /// <summary>The extension of an id, made when it is not there yet.</summary>
    public abstract object RegisterExtension(IExtensionId extension);

    /// <summary>The extension of an id.</summary>
    public abstract object GetExtension(IExtensionId extensionId);

    /// <summary>The extension of a class; null when there is none.</summary>
    public abstract T GetExtension<T>()
        where T : class, IExtension;

    /// <summary>True when there is an extension of the class.</summary>
    public abstract bool HasExtension(Type type);

    /// <summary>True when there is an extension of the class.</summary>
    public abstract bool HasExtension<T>()
        where T : class, IExtension;

    /// <summary>The extension of a class, if there is one.</summary>
    public abstract bool TryGetExtension(Type extensionType, out object? extension);

    /// <summary>The extension of a class, if there is one.</summary>
    public abstract bool TryGetExtension<T>(out T? extension)
        where T : class, IExtension;

    /// <summary>Terminates the system and waits for it.</summary>
    public void Dispose()
    {
        Terminate().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }
}

/// <summary>What extensions see of the system in addition.</summary>
public abstract class ExtendedActorSystem : ActorSystem
{
    private protected ExtendedActorSystem()
    {
    }

    /// <summary>Makes and finds refs.</summary>
    public abstract IActorRefProvider Provider { get; }

    /// <summary>Makes an actor under <c>/system</c>, which stops after all of the application's actors.</summary>
    public abstract IActorRef SystemActorOf(Props props, string? name = null);

    /// <summary>Makes an actor under <c>/system</c>, which stops after all of the application's actors.</summary>
    public abstract IActorRef SystemActorOf<TActor>(string? name = null)
        where TActor : ActorBase, new();
}
