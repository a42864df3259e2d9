using System.Text.RegularExpressions;
using Serilog.Core;
using Serilog.Events;

namespace Orchestrator.Host.Composition;

/// <summary>
/// What of the actor system's own log lines an operator gets. Processes that start, end, or cannot be reached are normal, and the product says so
/// itself, once; the actor system says it several times, with stack traces. At level debug everything is written.
/// </summary>
internal sealed partial class AkkaLines(ILogEventSink target, bool writesAll) : ILogEventSink, IDisposable
{
    private static readonly TimeSpan Repetition = TimeSpan.FromMinutes(1);

    /// <summary>The context that lines get whose source is only a text.</summary>
    private const string Anonymous = "Akka.Event.DummyClassForStringSources";

    /// <summary>Lines about connections and membership that the product writes itself.</summary>
    private static readonly string[] _told =
    [
        "AssociationError", "Marking node(s) as", "Couldn't join seed nodes", "heartbeat interval is growing too large", "now gated for", "Quarantin",
        "quarantin", "Disassociated", "Shutting down myself", "shutting down myself", "Scheduled sending of heartbeat was delayed", "Coordinated shutdown phase", "SBR ", "Rejected incoming connection",
        "Received gossip where this member has been downed", "Failed to bind to", "Remoting error: [Startup failed]", "Remoting system has been terminated abruptly",
    ];

    /// <summary>What makes one of them worth reading all the same.</summary>
    private static readonly string[] _notable = ["ertificate", "TLS", "SSL", "Authentication", "frame", "Frame"];

    private readonly Dictionary<string, DateTimeOffset> _said = [];

    public void Emit(LogEvent logEvent)
    {
        var source = Text(logEvent, Constants.SourceContextPropertyName);
        if (!source.StartsWith("Akka.", StringComparison.Ordinal))
        {
            target.Emit(logEvent);
        }
        else if (writesAll)
        {
            target.Emit(Named(logEvent, source));
        }
        else if (logEvent.Level >= LogEventLevel.Warning && Rewrite(logEvent) is { } line)
        {
            target.Emit(Named(line, source));
        }
    }

    public void Dispose() => (target as IDisposable)?.Dispose();

    private LogEvent? Rewrite(LogEvent line)
    {
        // Its type is not public.
        if (line.Exception is { } oversized && oversized.GetType().Name == "OversizedPayloadException")
        {
            return Replace(line, $"a message was too large to be sent: raise orchestrator.remoting.max-frame-size in all processes ({oversized.Message.TrimEnd('.')})");
        }

        var message = line.RenderMessage(System.Globalization.CultureInfo.InvariantCulture);
        switch (line.Exception?.GetType().Name)
        {
            // These are not public either.
            case "AkkaProtocolException" or "PduCodecException":
                return Stranger(line, Text(line, "LogSource"), "what no process of a cluster sends");
            case "TooLongFrameException":
                return Stranger(line, message, "a frame that is longer than orchestrator.remoting.max-frame-size, or what no process of a cluster sends");
        }

        var all = message + line.Exception;
        var isNotable = _notable.Any(word => all.Contains(word, StringComparison.Ordinal));
        if (isNotable)
        {
            // A stranger comes again every few seconds, each time from another port.
            return IsRepeated(string.Concat(message.Where(character => !char.IsAsciiHexDigit(character))), line.Timestamp) ? null : OneLine(line, message);
        }

        return _told.Any(word => all.Contains(word, StringComparison.Ordinal)) ? null : line;
    }

    /// <param name="text">Where the address stands.</param>
    private LogEvent? Stranger(LogEvent line, string text, string what)
    {
        var from = Peer().Match(Uri.UnescapeDataString(text)) is { Success: true } peer ? peer.Groups["host"].Value : "somebody";
        var said = $"{from} sent the remoting port {what}; its connection is closed. More of it is told once a minute";
        return IsRepeated(said, line.Timestamp) ? null : Replace(line, said);
    }

    private bool IsRepeated(string text, DateTimeOffset now)
    {
        lock (_said)
        {
            foreach (var old in _said.Where(said => now - said.Value >= Repetition).Select(said => said.Key).ToList())
            {
                _said.Remove(old);
            }

            return !_said.TryAdd(text, now);
        }
    }

    /// <summary>Without the stack trace, but with what the innermost exception says.</summary>
    private static LogEvent OneLine(LogEvent line, string message)
    {
        var inner = line.Exception?.GetBaseException().Message ?? "";
        var text = message.Contains(inner, StringComparison.Ordinal) ? message : $"{message}: {inner}";
        var record = text.IndexOf("not an SSL/TLS record", StringComparison.Ordinal);
        var whole = record < 0 ? text : $"{text[..record]}the other side does not use TLS";
        return Replace(line, string.Join("; ", whole.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
    }

    private static LogEvent Replace(LogEvent line, string text)
    {
        var template = new MessageTemplate([new Serilog.Parsing.TextToken(text)]);
        return new LogEvent(line.Timestamp, line.Level, null, template, line.Properties.Select(property => new LogEventProperty(property.Key, property.Value)));
    }

    private static LogEvent Named(LogEvent line, string source)
    {
        if (source == Anonymous)
        {
            var name = Text(line, "LogSource").Split([' ', '('], 2)[0];
            line.AddOrUpdateProperty(new LogEventProperty(Constants.SourceContextPropertyName, new ScalarValue($"Akka.{name}")));
            line.AddOrUpdateProperty(new LogEventProperty("Source", new ScalarValue(name)));
        }

        return line;
    }

    /// <summary>As in <c>akkaProtocol-tcp://orchestrator@[::ffff:10.0.0.7]:46572-3</c> and <c>["[::ffff:10.0.0.1]:8081"->"[::ffff:10.0.0.7]:46572"]</c>.</summary>
    [GeneratedRegex(@"(@|->""?)\[?(::ffff:)?(?<host>[^\]/""]+?)\]?:\d+", RegexOptions.CultureInvariant)]
    private static partial Regex Peer();

    private static string Text(LogEvent line, string property) =>
        line.Properties.TryGetValue(property, out var value) && value is ScalarValue { Value: string text } ? text : "";
}
