namespace Akka.Event;

/// <summary>
/// Logging by level. Templates have numbers (<c>{0}</c>) or names (<c>{Collection}</c>) for the values. Nothing is made of the values while the level is off.
/// </summary>
public static partial class LoggingExtensions
{
    private static void Text(ILoggingAdapter log, LogLevel level, Exception? cause, string text)
    {
        if (log.IsEnabled(level))
        {
            log.Log(level, cause, text);
        }
    }

    private static void Values(ILoggingAdapter log, LogLevel level, Exception? cause, string format, object[] args)
    {
        if (log.IsEnabled(level))
        {
            log.Log(level, cause, new TemplateMessage(log.Formatter, format, args));
        }
    }

    private static void Values<T1>(ILoggingAdapter log, LogLevel level, Exception? cause, string format, T1 arg1)
    {
        if (log.IsEnabled(level))
        {
            log.Log(level, cause, new TemplateMessage(log.Formatter, format, [arg1!]));
        }
    }

    private static void Values<T1, T2>(ILoggingAdapter log, LogLevel level, Exception? cause, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(level))
        {
            log.Log(level, cause, new TemplateMessage(log.Formatter, format, [arg1!, arg2!]));
        }
    }

    private static void Values<T1, T2, T3>(ILoggingAdapter log, LogLevel level, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsEnabled(level))
        {
            log.Log(level, cause, new TemplateMessage(log.Formatter, format, [arg1!, arg2!, arg3!]));
        }
    }

    private static void Values<T1, T2, T3, T4>(ILoggingAdapter log, LogLevel level, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
    {
        if (log.IsEnabled(level))
        {
            log.Log(level, cause, new TemplateMessage(log.Formatter, format, [arg1!, arg2!, arg3!, arg4!]));
        }
    }

    private static void Values<T1, T2, T3, T4, T5>(ILoggingAdapter log, LogLevel level, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5)
    {
        if (log.IsEnabled(level))
        {
            log.Log(level, cause, new TemplateMessage(log.Formatter, format, [arg1!, arg2!, arg3!, arg4!, arg5!]));
        }
    }

    private static void Values<T1, T2, T3, T4, T5, T6>(ILoggingAdapter log, LogLevel level, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6)
    {
        if (log.IsEnabled(level))
        {
            log.Log(level, cause, new TemplateMessage(log.Formatter, format, [arg1!, arg2!, arg3!, arg4!, arg5!, arg6!]));
        }
    }
}
