namespace Akka.Event;

public static partial class LoggingExtensions
{
    /// <summary>Logs a text.</summary>
    public static void Debug(this ILoggingAdapter log, string format) => Text(log, LogLevel.DebugLevel, null, format);

    /// <summary>Logs a text with an exception.</summary>
    public static void Debug(this ILoggingAdapter log, Exception? cause, string format) => Text(log, LogLevel.DebugLevel, cause, format);

    /// <summary>Logs a template with its values.</summary>
    public static void Debug(this ILoggingAdapter log, string format, object[] args) => Values(log, LogLevel.DebugLevel, null, format, args);

    /// <summary>Logs a template with its values and an exception.</summary>
    public static void Debug(this ILoggingAdapter log, Exception? cause, string format, object[] args) =>
        Values(log, LogLevel.DebugLevel, cause, format, args);

    /// <summary>Logs a template with its values.</summary>
    public static void Debug<T1>(this ILoggingAdapter log, string format, T1 arg1) =>
        Values(log, LogLevel.DebugLevel, null, format, arg1);

    /// <summary>Logs a template with its values and an exception.</summary>
    public static void Debug<T1>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1) =>
        Values(log, LogLevel.DebugLevel, cause, format, arg1);

    /// <summary>Logs a template with its values.</summary>
    public static void Debug<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2) =>
        Values(log, LogLevel.DebugLevel, null, format, arg1, arg2);

    /// <summary>Logs a template with its values and an exception.</summary>
    public static void Debug<T1, T2>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2) =>
        Values(log, LogLevel.DebugLevel, cause, format, arg1, arg2);

    /// <summary>Logs a template with its values.</summary>
    public static void Debug<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3) =>
        Values(log, LogLevel.DebugLevel, null, format, arg1, arg2, arg3);

    /// <summary>Logs a template with its values and an exception.</summary>
    public static void Debug<T1, T2, T3>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3) =>
        Values(log, LogLevel.DebugLevel, cause, format, arg1, arg2, arg3);

    /// <summary>Logs a template with its values.</summary>
    public static void Debug<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) =>
        Values(log, LogLevel.DebugLevel, null, format, arg1, arg2, arg3, arg4);

    /// <summary>Logs a template with its values and an exception.</summary>
    public static void Debug<T1, T2, T3, T4>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) =>
        Values(log, LogLevel.DebugLevel, cause, format, arg1, arg2, arg3, arg4);

    /// <summary>Logs a template with its values.</summary>
    public static void Debug<T1, T2, T3, T4, T5>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) =>
        Values(log, LogLevel.DebugLevel, null, format, arg1, arg2, arg3, arg4, arg5);

    /// <summary>Logs a template with its values and an exception.</summary>
    public static void Debug<T1, T2, T3, T4, T5>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) =>
        Values(log, LogLevel.DebugLevel, cause, format, arg1, arg2, arg3, arg4, arg5);

    /// <summary>Logs a template with its values.</summary>
    public static void Debug<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6) =>
        Values(log, LogLevel.DebugLevel, null, format, arg1, arg2, arg3, arg4, arg5, arg6);

    /// <summary>Logs a template with its values and an exception.</summary>
    public static void Debug<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6) =>
        Values(log, LogLevel.DebugLevel, cause, format, arg1, arg2, arg3, arg4, arg5, arg6);
}
