using System.Globalization;
using System.Text;
using Hocon;

namespace Orchestrator.Host.Configuration;

/// <summary>Writes resolved values as plain HOCON: every scalar in quotes, which typed getters read as well.</summary>
internal static class HoconText
{
    /// <summary>The fields of a configuration, without braces around them.</summary>
    public static string Write(Config config)
    {
        var text = new StringBuilder();
        foreach (var (key, field) in config.AsEnumerable())
        {
            WriteField(text, key, field.Value, 0);
        }

        return text.ToString();
    }

    /// <summary>A text in quotes.</summary>
    public static string Quote(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                _ when char.IsControl(c) => text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => text.Append(c),
            };
        }

        return text.Append('"').ToString();
    }

    /// <summary>Whether a value is null. Hocon 2.0 gives a written null the type of a text; only its text tells.</summary>
    public static bool IsNull(HoconValue value) => value.Type is not (HoconType.Object or HoconType.Array) && value.GetString() is null;

    private static void WriteField(StringBuilder text, string key, HoconValue value, int level)
    {
        text.Append(' ', 2 * level).Append(Key(key)).Append(value.Type == HoconType.Object ? " " : " = ");
        WriteValue(text, value, level);
        text.Append('\n');
    }

    private static void WriteValue(StringBuilder text, HoconValue value, int level)
    {
        switch (value.Type)
        {
            case HoconType.Object:
                text.Append("{\n");
                foreach (var (key, field) in value.GetObject())
                {
                    WriteField(text, key, field.Value, level + 1);
                }

                text.Append(' ', 2 * level).Append('}');
                break;
            case HoconType.Array:
                text.Append('[');
                var separator = "";
                foreach (var item in value.GetArray())
                {
                    text.Append(separator);
                    WriteValue(text, item, level);
                    separator = ", ";
                }

                text.Append(']');
                break;
            default:
                text.Append(value.GetString() is { } scalar ? Quote(scalar) : "null");
                break;
        }
    }

    private static string Key(string key) => SettingNames.Join([key]);
}
