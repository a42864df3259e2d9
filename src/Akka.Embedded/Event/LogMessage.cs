using System.Globalization;
using System.Text;

namespace Akka.Event;

/// <summary>Makes a text from a template and values.</summary>
public interface ILogMessageFormatter
{
    /// <summary>The text.</summary>
    string Format(string format, params object[] args);

    /// <summary>The text.</summary>
    string Format(string format, IEnumerable<object> args);
}

/// <summary>A template with values; the text is made when a logger asks for it.</summary>
public abstract class LogMessage
{
    /// <summary>Makes the text.</summary>
    private protected readonly ILogMessageFormatter Formatter;

    public LogMessage(ILogMessageFormatter formatter, string format)
    {
        Formatter = formatter;
        Format = format;
    }

    /// <summary>The template.</summary>
    public string Format { get; }

    /// <summary>The values.</summary>
    public abstract IEnumerable<object> Parameters();

    /// <summary>Template and values, not put together.</summary>
    public abstract string Unformatted();
}

internal sealed class TemplateMessage(ILogMessageFormatter formatter, string format, object[] parameters) : LogMessage(formatter, format)
{
    public override IEnumerable<object> Parameters() => parameters;

    public override string Unformatted() => $"{Format} [{string.Join(", ", parameters)}]";

    public override string ToString() => Formatter.Format(Format, parameters);
}

/// <summary>
/// Knows both forms of templates: with numbers (<c>{0}</c>) and with names (<c>{Collection}</c>), which take the values in their order. A place without
/// a value stays as it is, so that a wrong template never loses a log line.
/// </summary>
internal sealed class TemplateFormatter : ILogMessageFormatter
{
    public static readonly TemplateFormatter Instance = new();

    public string Format(string format, params object[] args)
    {
        if (args.Length == 0)
        {
            return format;
        }

        var text = new StringBuilder(format.Length + (16 * args.Length));
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            var c = format[i];
            var isDoubled = c is '{' or '}' && i + 1 < format.Length && format[i + 1] == c;
            var end = c == '{' && !isDoubled ? format.IndexOf('}', i) : -1;
            if (end < 0)
            {
                text.Append(c);
                i += isDoubled ? 1 : 0;
                continue;
            }

            Append(text, format.AsSpan((i + 1)..end), args, ref next);
            i = end;
        }

        return text.ToString();
    }

    public string Format(string format, IEnumerable<object> args) => Format(format, args.ToArray());

    private static void Append(StringBuilder text, ReadOnlySpan<char> hole, object[] args, ref int next)
    {
        var colon = hole.IndexOf(':');
        var name = (colon < 0 ? hole : hole[..colon]).TrimStart('@').TrimStart('$');
        var comma = name.IndexOf(',');
        name = comma < 0 ? name : name[..comma];
        var index = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : next++;
        if (index >= args.Length)
        {
            text.Append('{').Append(hole).Append('}');
            return;
        }

        var value = args[index];
        try
        {
            text.Append(value is IFormattable formattable
                ? formattable.ToString(colon < 0 ? null : hole[(colon + 1)..].ToString(), CultureInfo.InvariantCulture)
                : value?.ToString() ?? "(null)");
        }
        catch (FormatException)
        {
            text.Append(value);
        }
    }
}
