using Akka.Actor;
using Akka.Event;
using LogEventLevel = Serilog.Events.LogEventLevel;

namespace Akka.Logger.Serilog;

/// <summary>
/// Hands log events to <see cref="global::Serilog.Log.Logger"/>: templates and values as they are, with the properties SourceContext (class),
/// LogSource and ActorPath (where), Address (the node), Thread and Timestamp.
/// </summary>
internal sealed class SerilogLogger : ActorBase
{
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                return true;
            case LogEvent logEvent:
                Write(logEvent);
                return true;
            default:
                return false;
        }
    }

    private static LogEventLevel LevelOf(LogEvent logEvent) => logEvent.LogLevel() switch
    {
        LogLevel.DebugLevel => LogEventLevel.Debug,
        LogLevel.InfoLevel => LogEventLevel.Information,
        LogLevel.WarningLevel => LogEventLevel.Warning,
        _ => LogEventLevel.Error,
    };

    private static void Write(LogEvent logEvent)
    {
        var level = LevelOf(logEvent);
        if (!global::Serilog.Log.IsEnabled(level))
        {
            return;
        }

        var address = ((ExtendedActorSystem)Context.System).Provider.DefaultAddress;
        var isPath = ActorPath.TryParse(logEvent.LogSource, out var path);
        var logger = global::Serilog.Log.Logger
            .ForContext(global::Serilog.Core.Constants.SourceContextPropertyName, logEvent.LogClass.FullName)
            .ForContext("LogSource", logEvent.LogSource)
            .ForContext("ActorPath", isPath ? path!.ToStringWithoutAddress() : logEvent.LogSource)
            .ForContext("Address", address.ToString())
            .ForContext("Thread", logEvent.Thread.ManagedThreadId)
            .ForContext("Timestamp", logEvent.Timestamp);
        if (logEvent.Message is LogMessage template)
        {
            logger.Write(level, logEvent.Cause, template.Format, [.. template.Parameters()]);
        }
        else
        {
            // A text is no template: braces in it are only braces.
            logger.Write(level, logEvent.Cause, "{Message:l}", logEvent.Message.ToString());
        }
    }
}
