using System.Text.RegularExpressions;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>The actor system. Made in two steps: the constructor has no effects outside, <see cref="Start"/> starts actors.</summary>
internal sealed class ActorSystemImpl : ExtendedActorSystem
{
    private readonly ExtensionRegistry _extensions;
    private readonly LoggerSetup _loggers;
    private readonly UidSource _uids = new();
    private readonly Lock _lock = new();
    private readonly List<Func<Task>> _terminationHooks = [];
    private readonly List<Action> _onTermination = [];
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isTerminating;
    private IActorRef? _deadLetterListener;

    public ActorSystemImpl(string name, Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (name is null || !Regex.IsMatch(name, "^[a-zA-Z0-9][a-zA-Z0-9_-]*$"))
        {
            throw new ArgumentException(
                $"Invalid ActorSystem name [{name}], must contain only word characters (i.e. [a-zA-Z0-9] plus non-leading '-' and '_').", nameof(name));
        }

        Name = name;
        Settings = new Settings(this, config);
        DefaultDispatcher = new Dispatcher(Settings.Throughput);
        EventStream = new EventStream();
        Log = Logging.GetLogger(EventStream, $"ActorSystem({name})");
        Scheduler = MakeScheduler();
        StartTime = Scheduler.MonotonicClock;
        _extensions = new ExtensionRegistry(this);
        ProviderImpl = MakeProvider();
        Serialization = new Serialization.Serialization(this);
        _loggers = new LoggerSetup(this);
    }

    public override string Name { get; }

    public override Settings Settings { get; }

    public override EventStream EventStream { get; }

    public override ILoggingAdapter Log { get; }

    public override IScheduler Scheduler { get; }

    public override Serialization.Serialization Serialization { get; }

    public override IActorRefProvider Provider => ProviderImpl;

    public override IActorRef DeadLetters => ProviderImpl.DeadLetters;

    public override Task WhenTerminated => _terminated.Task;

    /// <summary>The provider with its internals.</summary>
    public ActorRefProvider ProviderImpl { get; }

    public Dispatcher DefaultDispatcher { get; }

    public long NextUid() => _uids.Next();

    /// <summary>Starts guardians, loggers and remoting.</summary>
    public void Start()
    {
        _loggers.StartStandardOut();
        ProviderImpl.StartGuardians();
        ProviderImpl.TerminationTask.ContinueWith(_ => OnTerminated(), TaskScheduler.Default);
        try
        {
            _loggers.StartLoggers();
            StartListeners();
            ProviderImpl.Start();
            CoordinatedShutdown.Get(this);
        }
        catch
        {
            _ = FinalTerminate();
            throw;
        }
    }

    public override IActorRef ActorOf(Props props, string? name = null) => ProviderImpl.Guardian.Cell.ActorOf(props, name);

    public override IActorRef SystemActorOf(Props props, string? name = null) => ProviderImpl.SystemGuardian.Cell.ActorOf(props, name);

    public override IActorRef SystemActorOf<TActor>(string? name = null) => SystemActorOf(Props.Create<TActor>(), name);

    public override ActorSelection ActorSelection(ActorPath actorPath) => ActorSelections.Select(this, actorPath);

    public override ActorSelection ActorSelection(string actorPath) => ActorSelections.Select(this, ProviderImpl.Guardian, actorPath);

    public override void Stop(IActorRef actor) => actor.AsInternal().Stop();

    public override Task Terminate()
    {
        if (Settings.CoordinatedShutdownRunByActorSystemTerminate && !_isTerminating)
        {
            // Ends with FinalTerminate, unless that is configured off.
            var shutdown = CoordinatedShutdown.Get(this).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance);
            return Settings.CoordinatedShutdownTerminateActorSystem ? WhenTerminated : TerminateAfter(shutdown);
        }

        return FinalTerminate();
    }

    /// <summary>Stops all actors, without the coordinated shutdown.</summary>
    public Task FinalTerminate()
    {
        lock (_lock)
        {
            if (_isTerminating)
            {
                return WhenTerminated;
            }

            _isTerminating = true;
        }

        if (!Settings.LogDeadLettersDuringShutdown && _deadLetterListener is not null)
        {
            Stop(_deadLetterListener);
        }

        ProviderImpl.Guardian.Stop();
        return WhenTerminated;
    }

    /// <summary>Adds work that runs after the end of <c>/user</c>, while the actors of <c>/system</c> still run.</summary>
    public void AddTerminationHook(Func<Task> hook)
    {
        lock (_lock)
        {
            _terminationHooks.Add(hook);
        }
    }

    /// <summary>Called by the system guardian.</summary>
    public async Task RunTerminationHooks()
    {
        Func<Task>[] hooks;
        lock (_lock)
        {
            _isTerminating = true;
            hooks = [.. _terminationHooks];
        }

        try
        {
            await Task.WhenAll(hooks.Select(hook => hook()));
        }
        catch (Exception cause)
        {
            Log.Error(cause, "A termination hook failed");
        }

        _loggers.StopLoggers();
    }

    public override void RegisterOnTermination(Action code)
    {
        ArgumentNullException.ThrowIfNull(code);
        lock (_lock)
        {
            if (_terminated.Task.IsCompleted)
            {
                throw new InvalidOperationException("The actor system has terminated.");
            }

            _onTermination.Add(code);
        }
    }

    public override object RegisterExtension(IExtensionId extension)
    {
        ArgumentNullException.ThrowIfNull(extension);
        return _extensions.Register(extension);
    }

    public override object GetExtension(IExtensionId extensionId) => RegisterExtension(extensionId);

    public override T GetExtension<T>() => TryGetExtension<T>(out var extension) ? extension! : null!;

    public override bool HasExtension(Type type) => _extensions.TryGet(type, out _);

    public override bool HasExtension<T>() => HasExtension(typeof(T));

    public override bool TryGetExtension(Type extensionType, out object? extension) => _extensions.TryGet(extensionType, out extension);

    public override bool TryGetExtension<T>(out T? extension)
        where T : class
    {
        var found = _extensions.TryGet(typeof(T), out var any);
        extension = (T?)any;
        return found;
    }

    public override string ToString() => ProviderImpl.RootPath.Address.ToString();

    private async Task TerminateAfter(Task shutdown)
    {
        await shutdown.ConfigureAwait(false);
        await FinalTerminate().ConfigureAwait(false);
    }

    private void OnTerminated()
    {
        Action[] actions;
        lock (_lock)
        {
            actions = [.. _onTermination];
        }

        // Last in, first out: what was built on something else goes before it.
        foreach (var action in actions.Reverse())
        {
            try
            {
                action();
            }
            catch (Exception cause)
            {
                Log.Error(cause, "An action registered on termination failed");
            }
        }

        (Scheduler as IDisposable)?.Dispose();
        _terminated.TrySetResult();
    }

    private void StartListeners()
    {
        if (Settings.LogDeadLetters > 0)
        {
            _deadLetterListener = SystemActorOf(Props.Create(typeof(DeadLetterListener), Settings.LogDeadLetters), "deadLetterListener");
            EventStream.Subscribe(_deadLetterListener, typeof(DeadLetter));
        }

        if (Settings.DebugUnhandledMessage)
        {
            EventStream.Subscribe(new UnhandledMessageLogger(this), typeof(UnhandledMessage));
        }
    }

    private IScheduler MakeScheduler()
    {
        var name = Settings.SchedulerClass.Split(',')[0].Trim();
        return name is "" or "Akka.Actor.HashedWheelTimerScheduler"
            ? new TimeProviderScheduler(TimeProvider.System, () => Log)
            : Util.TypeNames.Create<IScheduler>(
                "akka.scheduler.implementation", Settings.SchedulerClass, [Settings.Config, Log]);
    }

    private ActorRefProvider MakeProvider()
    {
        switch (Settings.ProviderClass)
        {
            case "local" or "Akka.Actor.LocalActorRefProvider":
                return new ActorRefProvider(this);
            case "remote" or "cluster":
            case var name when name.StartsWith("Akka.Remote.", StringComparison.Ordinal) || name.StartsWith("Akka.Cluster.", StringComparison.Ordinal):
                return new Remote.RemoteActorRefProvider(this);
            default:
                throw new ConfigurationException($"akka.actor.provider is '{Settings.ProviderClass}'; it must be local, remote or cluster.");
        }
    }
}
