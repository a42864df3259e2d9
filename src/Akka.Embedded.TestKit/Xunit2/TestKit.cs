using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Xunit.Abstractions;

namespace Akka.TestKit.Xunit2;

/// <summary>
/// Base class of xunit tests with actors: makes an actor system for each test, whose <c>TestActor</c> is the sender of what the test tells,
/// and ends it after the test.
/// </summary>
public class TestKit : TestKitBase, IDisposable
{
    /// <summary>The test's output; null when the test gave none.</summary>
    protected readonly ITestOutputHelper? Output;

    private readonly bool _ownsSystem;
    private bool _disposed;

    /// <param name="system">The system to use, which the test then has to end itself; null for one of its own.</param>
    /// <param name="output">Gets the log.</param>
    public TestKit(ActorSystem? system = null, ITestOutputHelper? output = null)
        : base(Assertions, system)
    {
        _ownsSystem = system is null;
        Output = output;
        InitializeLogger(Sys);
    }

    /// <param name="config">The system's configuration; <see cref="DefaultConfig"/> gives what it lacks.</param>
    /// <param name="actorSystemName">The system's name; null for "test".</param>
    /// <param name="output">Gets the log.</param>
    public TestKit(Config config, string? actorSystemName = null, ITestOutputHelper? output = null)
        : base(Assertions, config, actorSystemName)
    {
        _ownsSystem = true;
        Output = output;
        InitializeLogger(Sys);
    }

    /// <param name="config">The system's configuration as HOCON.</param>
    /// <param name="output">Gets the log.</param>
    public TestKit(string config, ITestOutputHelper? output = null)
        : this(ConfigurationFactory.ParseString(config), null, output)
    {
    }

    /// <summary>Configuration of systems under test.</summary>
    public static new Config DefaultConfig => TestKitBase.DefaultConfig;

    /// <summary>Configuration that logs everything.</summary>
    public static new Config FullDebugConfig => TestKitBase.FullDebugConfig;

    /// <summary>Failures as xunit's.</summary>
    protected static XunitAssertions Assertions { get; } = new();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Called after the test, before its system ends.</summary>
    protected virtual void AfterAll()
    {
    }

    /// <summary>Sends the system's log to the test's output.</summary>
    protected void InitializeLogger(ActorSystem system)
    {
        if (Output is not null)
        {
            var logger = ((ExtendedActorSystem)system).SystemActorOf(Props.Create(typeof(TestOutputLogger), Output), null);
            logger.Tell(new InitializeLogger(system.EventStream), ActorRefs.NoSender);
        }
    }

    protected virtual void Dispose(bool disposing)
    {
        if (_disposed || !disposing)
        {
            return;
        }

        _disposed = true;
        try
        {
            AfterAll();
        }
        finally
        {
            if (_ownsSystem)
            {
                Shutdown();
            }

            ReleaseThread();
        }
    }
}

/// <summary>Writes log events to a test's output.</summary>
internal sealed class TestOutputLogger : UntypedActor
{
    private readonly ITestOutputHelper _output;

    public TestOutputLogger(ITestOutputHelper output)
    {
        _output = output;
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger initialize:
                initialize.LoggingBus.Subscribe(Self, typeof(LogEvent));
                Sender.Tell(new LoggerInitialized());
                break;
            case LogEvent logEvent:
                Write(logEvent);
                break;
        }
    }

    private void Write(LogEvent logEvent)
    {
        try
        {
            _output.WriteLine(logEvent.ToString());
        }
        catch (InvalidOperationException)
        {
            // The test is over; nobody reads its output any more.
        }
    }
}
