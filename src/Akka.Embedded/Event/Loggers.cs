using Akka.Actor;

namespace Akka.Event;

/// <summary>Writes log events to standard output.</summary>
internal class DefaultLogger : ActorBase
{
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                return true;
            case LogEvent logEvent:
                Print(logEvent);
                return true;
            default:
                return false;
        }
    }

    protected virtual void Print(LogEvent logEvent) => StandardOutLogger.Write(logEvent);
}

/// <summary>Writes log events to standard output while the loggers are not running.</summary>
internal sealed class StandardOutLogger(ActorSystemImpl system) : MinimalActorRef
{
    private readonly ActorPath _path = new RootActorPath(new Address("akka", "all-systems")) / "StandardOutLogger";

    public override ActorPath Path => _path;

    internal override IActorRefProvider ProviderInternal => system.Provider;

    public static void Write(LogEvent logEvent) => Console.Out.WriteLine(logEvent.ToString());

    internal override void TellInternal(object message, IActorRef? sender)
    {
        if (message is LogEvent logEvent && logEvent.LogLevel() >= system.Settings.StdoutLevel)
        {
            Write(logEvent);
        }
    }
}

/// <summary>Starts and stops the loggers of <c>akka.loggers</c>.</summary>
internal sealed class LoggerSetup(ActorSystemImpl system)
{
    private readonly StandardOutLogger _standardOut = new(system);

    public void StartStandardOut()
    {
        system.EventStream.SetLogLevel(Logging.LogLevelFor(system.Settings.LogLevel));
        system.EventStream.SubscribeLogger(_standardOut);
    }

    /// <exception cref="Configuration.ConfigurationException">A logger does not exist, or does not start in time.</exception>
    public void StartLoggers()
    {
        var number = 0;
        foreach (var name in system.Settings.Loggers)
        {
            var logger = StartLogger(name, ++number);
            system.EventStream.Loggers.Add(logger);
            system.EventStream.SubscribeLogger(logger);
        }

        if (number > 0)
        {
            system.EventStream.Unsubscribe(_standardOut);
        }
    }

    public void StopLoggers()
    {
        system.EventStream.SubscribeLogger(_standardOut);
        foreach (var logger in system.EventStream.Loggers)
        {
            system.EventStream.Unsubscribe(logger);
        }
    }

    private IActorRef StartLogger(string name, int number)
    {
        Type type;
        try
        {
            type = Util.TypeNames.Find(name);
        }
        catch (TypeLoadException cause)
        {
            throw new Configuration.ConfigurationException($"akka.loggers: {cause.Message}", cause);
        }

        var logger = system.SystemActorOf(Props.Create(type), $"log{number}-{type.Name}");
        var timeout = system.Settings.LoggerStartTimeout;
        var answer = logger.Ask<LoggerInitialized>(new InitializeLogger(system.EventStream), timeout);
        return ((IAsyncResult)answer).AsyncWaitHandle.WaitOne(timeout) && answer.IsCompletedSuccessfully ? logger
            : throw new Configuration.ConfigurationException($"akka.loggers: {name} did not answer within {timeout}.");
    }
}
