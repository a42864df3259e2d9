namespace Akka.Event;

public static partial class LoggingExtensions
{
    /// <summary>Logs a text.</summary>
    public static void Debug(this ILoggingAdapter log, string format) => Text(log, LogLevel.DebugLevel, null, format);

    /// <summary>Logs a template with its values.</summary>
    public static void Debug<T1>(this ILoggingAdapter log, string format, T1 arg1) =>
        Values(log, LogLevel.DebugLevel, null, format, arg1);

    /// <summary>Logs a template with its values.</summary>
    internal static void Debug<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2) =>
        Values(log, LogLevel.DebugLevel, null, format, arg1, arg2);

    /// <summary>Logs a template with its values.</summary>
    public static void Debug<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3) =>
        Values(log, LogLevel.DebugLevel, null, format, arg1, arg2, arg3);
}
