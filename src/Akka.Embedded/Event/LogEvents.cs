using Akka.Actor;

namespace Akka.Event;

/// <summary>How important a log event is.</summary>
public enum LogLevel
{
    /// <summary>For finding errors.</summary>
    DebugLevel,

    /// <summary>The normal course of things.</summary>
    InfoLevel,

    /// <summary>Something that may need attention.</summary>
    WarningLevel,

    /// <summary>Something went wrong.</summary>
    ErrorLevel,
}

/// <summary>An event for the loggers, published to the event stream.</summary>
public abstract class LogEvent : INoSerializationVerificationNeeded
{
    private protected LogEvent()
    {
        Timestamp = TimeProvider.System.GetUtcNow().UtcDateTime;
        Thread = Thread.CurrentThread;
    }

    private protected LogEvent(Exception? cause, string logSource, Type logClass, object message)
        : this()
    {
        Cause = cause;
        LogSource = logSource;
        LogClass = logClass;
        Message = message;
    }

    /// <summary>The exception, or null.</summary>
    public Exception? Cause { get; protected set; }

    /// <summary>When, UTC.</summary>
    public DateTime Timestamp { get; }

    /// <summary>The thread it happened on.</summary>
    internal Thread Thread { get; }

    /// <summary>Where it comes from: an actor's path, or a name.</summary>
    public string LogSource { get; protected set; } = "";

    /// <summary>The class it comes from.</summary>
    public Type LogClass { get; protected set; } = typeof(object);

    /// <summary>The message; its text is <c>ToString</c>.</summary>
    public object Message { get; protected set; } = "";

    /// <summary>The level.</summary>
    public abstract LogLevel LogLevel();

    public override string ToString()
    {
        var level = Logging.StringFor(LogLevel()).ToUpperInvariant();
        var cause = Cause is null ? "" : Environment.NewLine + "Cause: " + Cause;
        return $"[{level}][{Timestamp:yyyy-MM-ddTHH:mm:ss.fffZ}][Thread {Thread.ManagedThreadId:0000}][{LogSource}] {Message}{cause}";
    }
}

/// <summary>An event of level error.</summary>
public class Error : LogEvent
{
    internal Error(Exception? cause, string logSource, Type logClass, object message)
        : base(cause, logSource, logClass, message)
    {
    }

    public override LogLevel LogLevel() => Event.LogLevel.ErrorLevel;
}

/// <summary>An event of level warning.</summary>
public class Warning : LogEvent
{
    internal Warning(Exception? cause, string logSource, Type logClass, object message)
        : base(cause, logSource, logClass, message)
    {
    }

    public Warning(string logSource, Type logClass, object message)
        : this(null, logSource, logClass, message)
    {
    }

    public override LogLevel LogLevel() => Event.LogLevel.WarningLevel;
}

/// <summary>An event of level info.</summary>
public class Info : LogEvent
{
    internal Info(Exception? cause, string logSource, Type logClass, object message)
        : base(cause, logSource, logClass, message)
    {
    }

    internal Info(string logSource, Type logClass, object message)
        : this(null, logSource, logClass, message)
    {
    }

    public override LogLevel LogLevel() => Event.LogLevel.InfoLevel;
}

/// <summary>An event of level debug.</summary>
public class Debug : LogEvent
{
    internal Debug(Exception? cause, string logSource, Type logClass, object message)
        : base(cause, logSource, logClass, message)
    {
    }

    public Debug(string logSource, Type logClass, object message)
        : this(null, logSource, logClass, message)
    {
    }

    public override LogLevel LogLevel() => Event.LogLevel.DebugLevel;
}

/// <summary>First message to a logger; it answers with <see cref="LoggerInitialized"/>.</summary>
public class InitializeLogger : INoSerializationVerificationNeeded
{
    public InitializeLogger(LoggingBus loggingBus) => LoggingBus = loggingBus;

    /// <summary>The bus whose events it will get.</summary>
    public LoggingBus LoggingBus { get; }
}

/// <summary>The logger is ready.</summary>
public class LoggerInitialized : INoSerializationVerificationNeeded, IDeadLetterSuppression;
