using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;

namespace Orchestrator.Host.Cli;

/// <summary>What a command writes for its reader.</summary>
internal enum OutputFormat
{
    Text,
    Json,
}

/// <summary>
/// Where a command writes: results to standard output, remarks and errors to standard error. With
/// <see cref="OutputFormat.Json"/> standard output gets JSON alone.
/// </summary>
internal sealed class CliOutput
{
    /// <summary>Width where there is no terminal: whoever reads a file or a pipe wants one line for each row.</summary>
    private const int PlainWidth = 10_000;

    private readonly TextWriter standardOutput;
    private readonly TextWriter standardError;
    private readonly int errorWidth;
    private readonly CliStreams streams;

    /// <summary>Made when something is written, and its library loaded: what a command asks for is on its way before.</summary>
    private IAnsiConsole? text;

    public CliOutput(CliStreams streams, OutputFormat format)
    {
        this.streams = streams;
        standardOutput = streams.Out;
        standardError = streams.Error;
        errorWidth = streams.ErrorWidth ?? PlainWidth;
        Format = format;
        IsTerminal = streams.IsTerminal && format == OutputFormat.Text;
    }

    public OutputFormat Format { get; }

    /// <summary>Whether a live display is possible.</summary>
    public bool IsTerminal { get; }

    /// <summary>Text for people: on standard output, or on standard error beside JSON.</summary>
    public IAnsiConsole Text => text ??= CreateConsole();

    /// <summary>Writes the result as JSON on one line, or as text.</summary>
    /// <param name="type">How it is written as JSON; asked for only then, since that takes longer than some commands.</param>
    public void Result<T>(T value, Func<JsonTypeInfo<T>> type, Action<IAnsiConsole> asText)
    {
        if (Format == OutputFormat.Json)
        {
            standardOutput.WriteLine(JsonSerializer.Serialize(value, type()));
            standardOutput.Flush();
        }
        else
        {
            asText(Text);
        }
    }

    /// <summary>Data that is the result, byte for byte: UTF-8.</summary>
    public void Data(ReadOnlyMemory<byte> utf8)
    {
        if (ReferenceEquals(standardOutput, Console.Out))
        {
            // Whatever encoding the terminal has.
            using var bytes = Console.OpenStandardOutput();
            try
            {
                bytes.Write(utf8.Span);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new OutputException(e);
            }

            return;
        }

        standardOutput.Write(System.Text.Encoding.UTF8.GetString(utf8.Span));
    }

    /// <summary>A line of text for people.</summary>
    public void Line(string text) => Text.Prose(text);

    /// <summary>A remark beside the result.</summary>
    public void Remark(string text)
    {
        foreach (var line in Prose.Lines(text, errorWidth))
        {
            standardError.WriteLine(line);
        }

        standardError.Flush();
    }

    /// <summary>One sentence on standard error; with JSON also the problem on standard output.</summary>
    public void Error(string sentence, ProblemDto? problem = null)
    {
        Remark(sentence);
        if (problem is not null && Format == OutputFormat.Json)
        {
            standardOutput.WriteLine(JsonSerializer.Serialize(problem, ApiJson.Context.ProblemDto));
            standardOutput.Flush();
        }
    }

    private IAnsiConsole CreateConsole()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Format == OutputFormat.Text ? standardOutput : standardError),
            Ansi = IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = IsTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = IsTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!IsTerminal || streams.Width is not null)
        {
            console.Profile.Width = streams.Width ?? PlainWidth;
        }

        return console;
    }
}
