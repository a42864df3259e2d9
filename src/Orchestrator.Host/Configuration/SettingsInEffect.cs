using Hocon;

namespace Orchestrator.Host.Configuration;

/// <summary>A setting as it is in effect.</summary>
/// <param name="Path">From <c>orchestrator</c> on.</param>
/// <param name="Value">Null where it may be secret.</param>
/// <param name="Source">File and line; empty for a default.</param>
internal sealed record SettingInEffect(string Path, string? Value, string Source);

/// <summary>Every setting of a process with its value and where that comes from. Shows no value that could be a secret.</summary>
internal static class SettingsInEffect
{
    /// <summary>What operators name themselves and what has no secrets; of other names only the settings of the reference are shown.</summary>
    private static readonly string[] _shown = ["windows", "schedules"];

    private static readonly string[] _secret = ["password", "secret", "hash", "token", "connection-string", "url", "key", "endpoint", "headers"];

    public static IReadOnlyList<SettingInEffect> Of(ConfigurationSources sources)
    {
        var reference = HoconConfigurationFactory.ParseString(ConfigurationSources.ReferenceText);
        var found = new List<SettingInEffect>();
        Add(sources.Merged.GetValue("orchestrator"), ["orchestrator"]);
        return found;

        void Add(HoconValue value, IReadOnlyList<string> path)
        {
            if (value.Type == HoconType.Object && value.GetObject() is { Count: > 0 } fields)
            {
                foreach (var (key, field) in fields)
                {
                    Add(field.Value, [.. path, key]);
                }

                return;
            }

            var name = SettingNames.Join(path);
            var isKnown = reference.HasPath(name) || _shown.Contains(path[1]);
            var isSecret = path.Any(key => _secret.Any(word => key.Contains(word, StringComparison.OrdinalIgnoreCase)));
            var text = Text(value);
            found.Add(new SettingInEffect(
                name,
                text.Length == 0 || (isKnown && !isSecret) ? text : null,
                sources.File.HasPath(name) ? sources.Places.Of(path).ToString() : ""));
        }
    }

    private static string Text(HoconValue value) => value.Type switch
    {
        HoconType.Object => "",
        HoconType.Array => string.Join(", ", value.GetArray().Select(Text)),
        _ => value.GetString() ?? "",
    };
}
