namespace Akka.Event;

public static partial class LoggingExtensions
{
    /// <summary>Logs a text.</summary>
    public static void Error(this ILoggingAdapter log, string format) => Text(log, LogLevel.ErrorLevel, null, format);

    /// <summary>Logs a text with an exception.</summary>
    public static void Error(this ILoggingAdapter log, Exception? cause, string format) => Text(log, LogLevel.ErrorLevel, cause, format);

    /// <summary>Logs a template with its values.</summary>
    public static void Error<T1>(this ILoggingAdapter log, string format, T1 arg1) =>
        Values(log, LogLevel.ErrorLevel, null, format, arg1);

    /// <summary>Logs a template with its values and an exception.</summary>
    public static void Error<T1>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1) =>
        Values(log, LogLevel.ErrorLevel, cause, format, arg1);

    /// <summary>Logs a template with its values and an exception.</summary>
    public static void Error<T1, T2>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2) =>
        Values(log, LogLevel.ErrorLevel, cause, format, arg1, arg2);

    /// <summary>Logs a template with its values.</summary>
    internal static void Error<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3) =>
        Values(log, LogLevel.ErrorLevel, null, format, arg1, arg2, arg3);

    /// <summary>Logs a template with its values and an exception.</summary>
    internal static void Error<T1, T2, T3>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3) =>
        Values(log, LogLevel.ErrorLevel, cause, format, arg1, arg2, arg3);

    /// <summary>Logs a template with its values.</summary>
    internal static void Error<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) =>
        Values(log, LogLevel.ErrorLevel, null, format, arg1, arg2, arg3, arg4);
}
