using Akka.Actor;

namespace Akka.Event;

/// <summary>Writes log events.</summary>
public interface ILoggingAdapter
{
    /// <summary>Makes texts from templates.</summary>
    ILogMessageFormatter Formatter { get; }

    bool IsDebugEnabled { get; }

    bool IsInfoEnabled { get; }

    bool IsWarningEnabled { get; }

    bool IsErrorEnabled { get; }

    /// <summary>Whether events of a level are logged.</summary>
    bool IsEnabled(LogLevel logLevel);

    /// <summary>Logs a text.</summary>
    void Log(LogLevel logLevel, Exception? cause, string format);

    /// <summary>Logs a template with its values.</summary>
    void Log(LogLevel logLevel, Exception? cause, LogMessage message);
}

/// <summary>Makes log adapters.</summary>
public static class Logging
{
    /// <summary>The log of an actor: events carry its path and class.</summary>
    public static ILoggingAdapter GetLogger(this IActorContext context, ILogMessageFormatter? logMessageFormatter = null)
    {
        var cell = (ActorCell)context;
        return new BusLogging(
            cell.System.EventStream, LogSource.FromActor(context, cell.System), cell.ActorType, logMessageFormatter ?? TemplateFormatter.Instance);
    }

    /// <summary>A log for a source: an actor ref, a type, a name or any other object, which stands for its type.</summary>
    public static ILoggingAdapter GetLogger(ActorSystem system, object logSourceObj, ILogMessageFormatter? logMessageFormatter = null)
    {
        var source = LogSource.Create(logSourceObj, system);
        return new BusLogging(system.EventStream, source.Source, source.Type, logMessageFormatter ?? TemplateFormatter.Instance);
    }

    /// <summary>A log for a source on a bus.</summary>
    public static ILoggingAdapter GetLogger(LoggingBus loggingBus, object logSourceObj, ILogMessageFormatter? logMessageFormatter = null)
    {
        var source = LogSource.Create(logSourceObj);
        return new BusLogging(loggingBus, source.Source, source.Type, logMessageFormatter ?? TemplateFormatter.Instance);
    }

    /// <summary>The event class of a level.</summary>
    internal static Type ClassFor(this LogLevel logLevel) => logLevel switch
    {
        LogLevel.DebugLevel => typeof(Debug),
        LogLevel.InfoLevel => typeof(Info),
        LogLevel.WarningLevel => typeof(Warning),
        LogLevel.ErrorLevel => typeof(Error),
        _ => throw new ArgumentException($"Unknown LogLevel: {logLevel}", nameof(logLevel)),
    };

    /// <summary>The name of a level in the configuration.</summary>
    public static string StringFor(this LogLevel logLevel) => logLevel switch
    {
        LogLevel.DebugLevel => "DEBUG",
        LogLevel.InfoLevel => "INFO",
        LogLevel.WarningLevel => "WARNING",
        LogLevel.ErrorLevel => "ERROR",
        _ => throw new ArgumentException($"Unknown LogLevel: {logLevel}", nameof(logLevel)),
    };

    /// <summary>The level of a name in the configuration; <c>OFF</c> is above all levels.</summary>
    /// <exception cref="ArgumentException">The name is not known.</exception>
    public static LogLevel LogLevelFor(string logLevel) => logLevel.ToUpperInvariant() switch
    {
        "DEBUG" => LogLevel.DebugLevel,
        "INFO" => LogLevel.InfoLevel,
        "WARNING" => LogLevel.WarningLevel,
        "ERROR" => LogLevel.ErrorLevel,
        "OFF" => LogLevel.ErrorLevel + 1,
        _ => throw new ArgumentException($"Unknown LogLevel: {logLevel}. Known: OFF, ERROR, WARNING, INFO, DEBUG.", nameof(logLevel)),
    };
}

/// <summary>Where log events come from.</summary>
public readonly struct LogSource
{
    private LogSource(string source, Type type)
    {
        Source = source;
        Type = type;
    }

    /// <summary>Text for the log.</summary>
    internal string Source { get; }

    /// <summary>Class for the log.</summary>
    internal Type Type { get; }

    /// <summary>The source that an object stands for.</summary>
    internal static LogSource Create(object o) => o switch
    {
        IActorRef actor => new LogSource(actor.Path.ToString(), actor.GetType()),
        IActorContext context => new LogSource(context.Self.Path.ToString(), ((ActorCell)context).ActorType),
        Type type => new LogSource(type.Name, type),
        string text => new LogSource(text, typeof(string)),
        _ => new LogSource(o.GetType().Name, o.GetType()),
    };

    /// <summary>The source that an object stands for, with the system's address.</summary>
    internal static LogSource Create(object o, ActorSystem system) => o switch
    {
        IActorRef actor => new LogSource(FromActorRef(actor, system), actor.GetType()),
        IActorContext context => new LogSource(FromActor(context, system), ((ActorCell)context).ActorType),
        Type type => new LogSource(FromType(type, system), type),
        string text => new LogSource(FromString(text, system), typeof(string)),
        _ => new LogSource(FromType(o.GetType(), system), o.GetType()),
    };

    /// <summary>Path and address of an actor.</summary>
    public static string FromActor(IActorContext actor, ActorSystem system) => FromActorRef(actor.Self, system);

    /// <summary>Path and address of an actor.</summary>
    public static string FromActorRef(IActorRef a, ActorSystem system) =>
        system is ExtendedActorSystem { Provider: { } provider } ? a.Path.ToStringWithAddress(provider.DefaultAddress) : a.Path.ToString();

    /// <summary>A name with the system's address.</summary>
    internal static string FromString(string source, ActorSystem system) => $"{source}({system})";

    /// <summary>A type's name with the system's address.</summary>
    internal static string FromType(Type t, ActorSystem system) => $"{t.Name}({system})";
}

/// <summary>Publishes log events to a bus.</summary>
internal sealed class BusLogging(LoggingBus bus, string source, Type type, ILogMessageFormatter formatter) : ILoggingAdapter
{
    public ILogMessageFormatter Formatter => formatter;

    public bool IsDebugEnabled => IsEnabled(LogLevel.DebugLevel);

    public bool IsInfoEnabled => IsEnabled(LogLevel.InfoLevel);

    public bool IsWarningEnabled => IsEnabled(LogLevel.WarningLevel);

    public bool IsErrorEnabled => IsEnabled(LogLevel.ErrorLevel);

    public bool IsEnabled(LogLevel logLevel) => logLevel >= bus.LogLevel;

    public void Log(LogLevel logLevel, Exception? cause, string format) => Write(logLevel, cause, format);

    public void Log(LogLevel logLevel, Exception? cause, LogMessage message) => Write(logLevel, cause, message);

    private void Write(LogLevel level, Exception? cause, object message)
    {
        if (!IsEnabled(level))
        {
            return;
        }

        bus.Publish(level switch
        {
            LogLevel.DebugLevel => new Debug(cause, source, type, message),
            LogLevel.InfoLevel => new Info(cause, source, type, message),
            LogLevel.WarningLevel => new Warning(cause, source, type, message),
            _ => new Error(cause, source, type, message),
        });
    }
}
