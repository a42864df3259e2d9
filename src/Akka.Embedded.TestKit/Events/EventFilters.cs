using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Event;

namespace Akka.TestKit;

/// <summary>Chooses log events.</summary>
public interface IEventFilter
{
    /// <summary>True for an event that is chosen.</summary>
    bool Apply(LogEvent logEvent);
}

/// <summary>A filter that tells whom it may concern of every event it chooses.</summary>
internal sealed class EventFilterRule(string description, Func<LogEvent, bool> isMatch) : IEventFilter
{
    public event Action? Matched;

    public bool Apply(LogEvent logEvent)
    {
        if (!isMatch(logEvent))
        {
            return false;
        }

        Matched?.Invoke();
        return true;
    }

    public override string ToString() => description;
}

/// <summary>Conditions on the texts of log events. A null condition holds for everything.</summary>
internal sealed record TextCondition(string? Message, string? Start, string? Contains, Regex? Pattern, string? Source)
{
    public bool Holds(string text, string source) =>
        (Message is null || text == Message) &&
        (Start is null || text.StartsWith(Start, StringComparison.Ordinal)) &&
        (Contains is null || text.Contains(Contains, StringComparison.Ordinal)) &&
        (Pattern is null || Pattern.IsMatch(text)) &&
        (Source is null || source == Source);
}

/// <summary>Makes filters.</summary>
internal static class EventFilterRules
{
    public static EventFilterRule Level(LogLevel level, TextCondition condition) => new(
        $"{level} {condition}",
        logEvent => logEvent.LogLevel() == level && condition.Holds(logEvent.Message?.ToString() ?? "", logEvent.LogSource));

    /// <summary>An error with an exception; the condition may hold for the event's text or the exception's message.</summary>
    public static EventFilterRule Exception(Type type, TextCondition condition, bool checkInner) => new(
        $"{type} {condition}",
        logEvent => logEvent is Error { Cause: { } cause } &&
            (Matches(cause, logEvent, type, condition) || (checkInner && Inner(cause).Any(inner => Matches(inner, logEvent, type, condition)))));

    public static EventFilterRule DeadLetter(Type? type, Func<object, bool> isMatch, string? source) => new(
        $"DeadLetter {type}",
        logEvent => logEvent is Warning { Message: DeadLetter letter } &&
            (type is null || type.IsInstanceOfType(letter.Message)) && isMatch(letter.Message) &&
            (source is null || letter.Recipient.Path.ToString() == source || letter.Recipient.Path.ToStringWithoutAddress() == source));

    private static bool Matches(Exception cause, LogEvent logEvent, Type type, TextCondition condition) =>
        type.IsInstanceOfType(cause) &&
        (condition.Holds(logEvent.Message?.ToString() ?? "", logEvent.LogSource) || condition.Holds(cause.Message, logEvent.LogSource));

    private static IEnumerable<Exception> Inner(Exception cause)
    {
        for (var inner = cause.InnerException; inner is not null; inner = inner.InnerException)
        {
            yield return inner;
        }
    }
}

/// <summary>Tells the listener, through the event stream, to use filters.</summary>
internal sealed record InstallFilters(IReadOnlyList<EventFilterRule> Filters) : INoSerializationVerificationNeeded;

/// <summary>Tells the listener, through the event stream, to forget filters.</summary>
internal sealed record RemoveFilters(IReadOnlyList<EventFilterRule> Filters) : INoSerializationVerificationNeeded;

/// <summary>
/// The logger of systems under test: gives events to the filters, and prints those that no filter chooses. Named in <c>akka.loggers</c>.
/// </summary>
internal sealed class TestEventListener : DefaultLogger
{
    private readonly List<EventFilterRule> _filters = [];

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger initialize:
                foreach (var type in new[] { typeof(InstallFilters), typeof(RemoveFilters), typeof(DeadLetter) })
                {
                    initialize.LoggingBus.Subscribe(Self, type);
                }

                return base.Receive(message);
            case InstallFilters install:
                _filters.AddRange(install.Filters);
                return true;
            case RemoveFilters remove:
                foreach (var filter in remove.Filters)
                {
                    _filters.Remove(filter);
                }

                return true;
            case DeadLetter letter:
                IsFiltered(new Warning(letter.Recipient.Path.ToString(), letter.Recipient.GetType(), letter));
                return true;
            default:
                return base.Receive(message);
        }
    }

    protected override void Print(LogEvent logEvent)
    {
        if (!IsFiltered(logEvent))
        {
            base.Print(logEvent);
        }
    }

    private bool IsFiltered(LogEvent logEvent)
    {
        foreach (var filter in _filters)
        {
            if (filter.Apply(logEvent))
            {
                return true;
            }
        }

        return false;
    }
}
