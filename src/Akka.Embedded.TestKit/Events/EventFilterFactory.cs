using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Event;

namespace Akka.TestKit;

/// <summary>Makes filters for log events. All conditions given must hold; a source is the event's <c>LogSource</c>, an actor's path.</summary>
public class EventFilterFactory
{
    private readonly TestKitBase _testKit;
    private readonly ActorSystem? _system;
    private readonly IReadOnlyList<EventFilterRule> _filters;

    public EventFilterFactory(TestKitBase testkit)
        : this(testkit, null, [])
    {
    }

    public EventFilterFactory(TestKitBase testkit, ActorSystem system)
        : this(testkit, system, [])
    {
    }

    internal EventFilterFactory(TestKitBase testKit, ActorSystem? system, IReadOnlyList<EventFilterRule> filters)
    {
        _testKit = testKit;
        _system = system;
        _filters = filters;
    }

    /// <summary>Errors with an exception of the type; the texts are compared with the event's and the exception's message.</summary>
    public IEventFilterApplier Exception<TException>(string? message = null, string? start = null, string? contains = null, string? source = null)
        where TException : Exception => Exception(typeof(TException), message, start, contains, source);

    /// <summary>Errors with an exception of the type; the texts are compared with the event's and the exception's message.</summary>
    public IEventFilterApplier Exception<TException>(Regex pattern, string? source = null)
        where TException : Exception => Exception(typeof(TException), pattern, source);

    /// <summary>Errors with an exception of the type; the texts are compared with the event's and the exception's message.</summary>
    public IEventFilterApplier Exception(
        Type exceptionType, string? message = null, string? start = null, string? contains = null, string? source = null, bool checkInnerExceptions = false) =>
        Apply(EventFilterRules.Exception(exceptionType, new TextCondition(message, start, contains, null, source), checkInnerExceptions));

    /// <summary>Errors with an exception of the type; the texts are compared with the event's and the exception's message.</summary>
    public IEventFilterApplier Exception(Type exceptionType, Regex pattern, string? source = null, bool checkInnerExceptions = false) =>
        Apply(EventFilterRules.Exception(exceptionType, new TextCondition(null, null, null, pattern, source), checkInnerExceptions));

    /// <summary>Events of level error.</summary>
    public IEventFilterApplier Error(string? message = null, string? start = null, string? contains = null, string? source = null) =>
        ForLogLevel(LogLevel.ErrorLevel, message, start, contains, source);

    /// <summary>Events of level error.</summary>
    public IEventFilterApplier Error(Regex pattern, string? source = null) => ForLogLevel(LogLevel.ErrorLevel, pattern, source);

    /// <summary>Events of level warning.</summary>
    public IEventFilterApplier Warning(string? message = null, string? start = null, string? contains = null, string? source = null) =>
        ForLogLevel(LogLevel.WarningLevel, message, start, contains, source);

    /// <summary>Events of level warning.</summary>
    public IEventFilterApplier Warning(Regex pattern, string? source = null) => ForLogLevel(LogLevel.WarningLevel, pattern, source);

    /// <summary>Events of level info.</summary>
    public IEventFilterApplier Info(string? message = null, string? start = null, string? contains = null, string? source = null) =>
        ForLogLevel(LogLevel.InfoLevel, message, start, contains, source);

    /// <summary>Events of level info.</summary>
    public IEventFilterApplier Info(Regex pattern, string? source = null) => ForLogLevel(LogLevel.InfoLevel, pattern, source);

    /// <summary>Events of level debug.</summary>
    public IEventFilterApplier Debug(string? message = null, string? start = null, string? contains = null, string? source = null) =>
        ForLogLevel(LogLevel.DebugLevel, message, start, contains, source);

    /// <summary>Events of level debug.</summary>
    public IEventFilterApplier Debug(Regex pattern, string? source = null) => ForLogLevel(LogLevel.DebugLevel, pattern, source);

    /// <summary>Events of a level.</summary>
    public IEventFilterApplier ForLogLevel(
        LogLevel logLevel, string? message = null, string? start = null, string? contains = null, string? source = null) =>
        Apply(EventFilterRules.Level(logLevel, new TextCondition(message, start, contains, null, source)));

    /// <summary>Events of a level.</summary>
    public IEventFilterApplier ForLogLevel(LogLevel logLevel, Regex pattern, string? source = null) =>
        Apply(EventFilterRules.Level(logLevel, new TextCondition(null, null, null, pattern, source)));

    /// <summary>Dead letters.</summary>
    public IEventFilterApplier DeadLetter() => Apply(EventFilterRules.DeadLetter(null, _ => true, null));

    /// <summary>Dead letters with a message of the type; the source is the path of the receiver.</summary>
    public IEventFilterApplier DeadLetter<TMessage>(string? source = null) => DeadLetter(typeof(TMessage), source);

    /// <summary>Dead letters with a message of the type that the function holds for.</summary>
    public IEventFilterApplier DeadLetter<TMessage>(Func<TMessage, bool> isMatch, string? source = null) =>
        DeadLetter(typeof(TMessage), message => isMatch((TMessage)message), source);

    /// <summary>Dead letters with a message of the type.</summary>
    public IEventFilterApplier DeadLetter(Type type, string? source = null) => DeadLetter(type, _ => true, source);

    /// <summary>Dead letters with a message of the type that the function holds for.</summary>
    public IEventFilterApplier DeadLetter(Type type, Func<object, bool> isMatch, string? source = null) =>
        Apply(EventFilterRules.DeadLetter(type, isMatch, source));

    /// <summary>Events that the predicate holds for.</summary>
    public IEventFilterApplier Custom(Predicate<LogEvent> predicate) => Apply(new EventFilterRule("Custom", logEvent => predicate(logEvent)));

    /// <summary>Events of a class that the predicate holds for.</summary>
    public IEventFilterApplier Custom<TLogEvent>(Predicate<TLogEvent> predicate)
        where TLogEvent : LogEvent =>
        Apply(new EventFilterRule($"Custom {typeof(TLogEvent)}", logEvent => logEvent is TLogEvent typed && predicate(typed)));

    private EventFilterApplier Apply(EventFilterRule filter) => new(_testKit, _system ?? _testKit.Sys, [.. _filters, filter]);
}
