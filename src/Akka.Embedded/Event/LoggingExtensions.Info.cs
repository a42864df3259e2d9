namespace Akka.Event;

public static partial class LoggingExtensions
{
    /// <summary>Logs a text.</summary>
    public static void Info(this ILoggingAdapter log, string format) => Text(log, LogLevel.InfoLevel, null, format);

    /// <summary>Logs a template with its values.</summary>
    public static void Info<T1>(this ILoggingAdapter log, string format, T1 arg1) =>
        Values(log, LogLevel.InfoLevel, null, format, arg1);

    /// <summary>Logs a template with its values.</summary>
    public static void Info<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2) =>
        Values(log, LogLevel.InfoLevel, null, format, arg1, arg2);

    /// <summary>Logs a template with its values.</summary>
    public static void Info<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3) =>
        Values(log, LogLevel.InfoLevel, null, format, arg1, arg2, arg3);

    /// <summary>Logs a template with its values.</summary>
    public static void Info<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) =>
        Values(log, LogLevel.InfoLevel, null, format, arg1, arg2, arg3, arg4);

    /// <summary>Logs a template with its values.</summary>
    public static void Info<T1, T2, T3, T4, T5>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) =>
        Values(log, LogLevel.InfoLevel, null, format, arg1, arg2, arg3, arg4, arg5);
}
