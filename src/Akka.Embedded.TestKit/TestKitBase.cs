using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.TestKit;

/// <summary>
/// Helps to test actors: a test actor collects messages, and the Expect methods check them. Waiting is in real time. Parts: this file, .Actors, .Expect,
/// .ExpectFrom, .ExpectMany, .ExpectNone, .Fish, .Receive, .Await, .Within.
/// </summary>
public abstract partial class TestKitBase : IActorRefFactory
{
    private static readonly Lazy<Config> _defaultConfig = new(ReadDefaultConfig);

    private readonly ITestKitAssertions _assertions;
    private readonly TestMessageQueue _queue = new();
    private readonly ImplicitSender? _implicitSender;
    private MessageEnvelope _lastMessage = NullMessageEnvelope.Instance;

    /// <param name="assertions">How failures are told.</param>
    /// <param name="system">The system; null for one of its own.</param>
    /// <param name="testActorName">Name of the test actor; null for "testActor" with a number.</param>
    protected TestKitBase(ITestKitAssertions assertions, ActorSystem? system = null, string? testActorName = null)
    {
        _assertions = assertions;
        Sys = system ?? ActorSystem.Create("test", DefaultConfig);
        TestKitSettings = TestKitExtension.For(Sys);
        EventFilter = new EventFilterFactory(this);
        TestActor = NewTestActor(_queue, testActorName ?? TestActorNames.Next());
        Log = Logging.GetLogger(Sys, GetType());
        if (this is not INoImplicitSender)
        {
            _implicitSender = ImplicitSender.Install(((LocalActorRef)TestActor).Cell);
        }
    }

    /// <param name="assertions">How failures are told.</param>
    /// <param name="config">Configuration of the system; <see cref="DefaultConfig"/> gives what it lacks.</param>
    /// <param name="actorSystemName">Name of the system; null for "test".</param>
    /// <param name="testActorName">Name of the test actor; null for a generated one.</param>
    protected TestKitBase(ITestKitAssertions assertions, Config config, string? actorSystemName = null, string? testActorName = null)
        : this(assertions, ActorSystem.Create(actorSystemName ?? "test", config.WithFallback(DefaultConfig)), testActorName)
    {
    }

    /// <summary>Configuration of systems under test.</summary>
    public static Config DefaultConfig => _defaultConfig.Value;

    /// <summary>Configuration that logs everything.</summary>
    public static Config FullDebugConfig { get; } = ConfigurationFactory.ParseString(
        """
        akka.loglevel = DEBUG
        akka.stdout-loglevel = DEBUG
        akka.log-dead-letters = on
        akka.actor.debug.unhandled = on
        """);

    /// <summary>Time on a clock that never goes back.</summary>
    public static TimeSpan Now => TimeProvider.System.GetElapsedTime(0);

    /// <summary>The actor system.</summary>
    public ActorSystem Sys { get; }

    /// <summary>The actor whose messages the Expect methods check; sender of what the test tells.</summary>
    public IActorRef TestActor { get; }

    /// <summary>Waiting times.</summary>
    public TestKitSettings TestKitSettings { get; }

    /// <summary>Expects or mutes log events.</summary>
    public EventFilterFactory EventFilter { get; }

    /// <summary>A log for the test.</summary>
    public ILoggingAdapter Log { get; }

    /// <summary>True while messages wait.</summary>
    public bool HasMessages => _queue.Count > 0;

    /// <summary>The message that was received last.</summary>
    public object LastMessage => _lastMessage.Message;

    /// <summary>Sender of the message that was received last.</summary>
    public IActorRef LastSender => _lastMessage.Sender;

    /// <summary>Expects or mutes log events of another system.</summary>
    public EventFilterFactory CreateEventFilter(ActorSystem system) => new(this, system);

    /// <summary>Stretches a waiting time by <c>akka.test.timefactor</c>.</summary>
    public TimeSpan Dilated(TimeSpan duration) => duration < TimeSpan.Zero ? duration : duration * TestKitSettings.TestTimeFactor;

    /// <summary>The time, stretched, or the default.</summary>
    public TimeSpan GetTimeoutOrDefault(TimeSpan? timeout) => timeout is { } given ? Dilated(given) : Dilated(TestKitSettings.DefaultTimeout);

    /// <summary>Ends the system.</summary>
    /// <param name="duration">How long to wait; null for ten seconds.</param>
    /// <param name="verifySystemShutdown">Whether to fail when it takes longer.</param>
    public virtual void Shutdown(TimeSpan? duration = null, bool verifySystemShutdown = false) => Shutdown(Sys, duration, verifySystemShutdown);

    /// <summary>Ends a system.</summary>
    /// <param name="system">The system; null for <see cref="Sys"/>.</param>
    /// <param name="duration">How long to wait; null for ten seconds.</param>
    /// <param name="verifySystemShutdown">Whether to fail when it takes longer.</param>
    protected virtual void Shutdown(ActorSystem system, TimeSpan? duration = null, bool verifySystemShutdown = false)
    {
        system ??= Sys;
        var limit = Dilated(duration ?? TimeSpan.FromSeconds(10));
        if (!system.Terminate().Wait(limit) && verifySystemShutdown)
        {
            _assertions.Fail($"Failed to stop [{system.Name}] within [{limit}]");
        }
    }

    internal void Fail(string text) => _assertions.Fail(text);

    /// <summary>Takes the test actor off this thread, on which another test may run next.</summary>
    internal void ReleaseThread() => _implicitSender?.Uninstall();

    private static Config ReadDefaultConfig()
    {
        using var reader = new StreamReader(typeof(TestKitBase).Assembly.GetManifestResourceStream("testkit.reference.conf")!);
        return ConfigurationFactory.ParseString(reader.ReadToEnd()).WithFallback(ConfigurationFactory.Default());
    }

    private IActorRef NewTestActor(TestMessageQueue queue, string name) =>
        ((ExtendedActorSystem)Sys).SystemActorOf(Props.Create(typeof(InternalTestActor), queue), name);
}

/// <summary>A test kit whose test actor is not the sender of what the test tells.</summary>
public interface INoImplicitSender;

internal static class TestActorNames
{
    private static long _number;

    public static string Next() => $"testActor{Interlocked.Increment(ref _number)}";
}
