using System.Globalization;
using Orchestrator.Engines;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Formatting;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;
using Serilog.Formatting.Json;

namespace Orchestrator.Host.Composition;

/// <summary>The process's log: standard error and, if configured, a file.</summary>
internal static class Logs
{
    private const string Template = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} {Level:u3} {Source} {Message:l}";

    /// <param name="settings">The settings.</param>
    /// <param name="console">Least level on standard error; the file gets what the settings say.</param>
    /// <exception cref="FileException">The log's file cannot be written.</exception>
    public static Logger Create(LogSettings settings, LogEventLevel console = LogEventLevel.Verbose)
    {
        RequireWritable(settings.File);
        ITextFormatter formatter = settings.Format == LogFormat.Json
            ? new JsonFormatter(renderMessage: true)
            : new TextLines();
        var outputs = new LoggerConfiguration()
            .MinimumLevel.Verbose()
            .WriteTo.Console(formatter, console, standardErrorFromLevel: LogEventLevel.Verbose);
        if (settings.File.Length > 0)
        {
            outputs.WriteTo.File(
                formatter,
                settings.File,
                fileSizeLimitBytes: settings.FileMaxSize,
                rollOnFileSizeLimit: true,
                retainedFileCountLimit: settings.FilesKept);
        }

        return new LoggerConfiguration()
            .MinimumLevel.Is(Level(settings.Level))

            // A line for each request would drown what matters; failures are logged as warnings.
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            // A port in use is told in one sentence by whoever asked for it; the framework's pages of its own would hide that.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
            // The supervisor says in a sentence what is wrong with its journal; the plugin says it every second, with stack traces.
            .MinimumLevel.Override("Akka.Persistence.Sql", LogEventLevel.Fatal)
            .Filter.ByExcluding(IsStartOfPlugin)
            .Enrich.With<ShortSource>()
            .WriteTo.Sink(new AkkaLines(outputs.CreateLogger(), settings.Level == LogLevelSetting.Debug))
            .CreateLogger();
    }

    /// <summary>The logger itself would say nothing of a file that it cannot write.</summary>
    private static void RequireWritable(string file)
    {
        try
        {
            if (file.Length > 0)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
                // Devices, terminals and the process's own outputs are no files, and meant.
                if (!file.StartsWith("/dev/", StringComparison.Ordinal) || file.StartsWith("/dev/shm/", StringComparison.Ordinal))
                {
                    RegularFile.Require(file);
                }

                using var opened = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileException($"orchestrator.log.file: {file} cannot be written: {FileProblem.Of(e, file)}.", e);
        }
    }

    private static bool IsStartOfPlugin(LogEvent line) =>
        line.Level == LogEventLevel.Error
        && line.RenderMessage(CultureInfo.InvariantCulture).StartsWith("Failed to initialize SQL", StringComparison.Ordinal);

    private static LogEventLevel Level(LogLevelSetting level) => level switch
    {
        LogLevelSetting.Debug => LogEventLevel.Debug,
        LogLevelSetting.Info => LogEventLevel.Information,
        LogLevelSetting.Warning => LogEventLevel.Warning,
        _ => LogEventLevel.Error,
    };

    /// <summary>One line for each event, whatever stands in its values; an exception follows on lines of its own.</summary>
    private sealed class TextLines : ITextFormatter
    {
        private readonly MessageTemplateTextFormatter _line = new(Template, CultureInfo.InvariantCulture);

        public void Format(LogEvent logEvent, TextWriter output)
        {
            using var line = new StringWriter(CultureInfo.InvariantCulture);
            _line.Format(logEvent, line);
            output.WriteLine(Visible.Of(line.ToString()));
            if (logEvent.Exception is { } exception)
            {
                output.WriteLine(exception);
            }
        }
    }

    /// <summary>Where a line comes from, without namespaces.</summary>
    private sealed class ShortSource : ILogEventEnricher
    {
        public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
        {
            if (logEvent.Properties.TryGetValue(Constants.SourceContextPropertyName, out var value) && value is ScalarValue { Value: string source })
            {
                logEvent.AddOrUpdateProperty(propertyFactory.CreateProperty("Source", source[(source.LastIndexOf('.') + 1)..]));
            }
            else
            {
                logEvent.AddPropertyIfAbsent(propertyFactory.CreateProperty("Source", "Host"));
            }
        }
    }
}
