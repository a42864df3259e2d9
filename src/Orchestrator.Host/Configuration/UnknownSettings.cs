using Hocon;

namespace Orchestrator.Host.Configuration;

/// <summary>Finds what a file sets and nobody reads: a mistyped setting must not be silently without effect.</summary>
internal static class UnknownSettings
{
    private static readonly string[] _roots = ["orchestrator", "akka"];

    /// <summary>Errors for unknown settings below <c>orchestrator</c>, and for roots that look like a mistyped one.</summary>
    /// <param name="sources">The configuration.</param>
    /// <param name="reader">Has read everything: what it was asked for is known.</param>
    public static IEnumerable<SettingError> Find(ConfigurationSources sources, SettingsReader reader)
    {
        foreach (var (key, _) in sources.File.AsEnumerable())
        {
            // Other roots are free for values that are only referred to.
            if (!_roots.Contains(key) && SettingNames.Nearest(key, _roots) is { } meant)
            {
                yield return Error(sources, [key], [meant]);
            }
        }

        foreach (var path in Unread(sources.File, reader))
        {
            yield return Error(sources, path, Siblings(path, reader));
        }
    }

    /// <summary>Paths of all settings below <c>orchestrator</c> that are not known; of an unknown object only its own path.</summary>
    public static IEnumerable<IReadOnlyList<string>> Unread(Config config, SettingsReader reader) => config.HasPath("orchestrator")
        ? Unread(config.GetValue("orchestrator"), ["orchestrator"], reader)
        : [];

    private static IEnumerable<IReadOnlyList<string>> Unread(HoconValue value, IReadOnlyList<string> path, SettingsReader reader)
    {
        var name = SettingNames.Join(path);
        if (reader.ReadPaths.Contains(name) || (reader.Sections.Contains(name) && HoconText.IsNull(value)))
        {
            return [];
        }

        if (value.Type != HoconType.Object || !reader.Sections.Contains(name))
        {
            return [path];
        }

        return value.GetObject().SelectMany(field => Unread(field.Value.Value, [.. path, field.Key], reader));
    }

    private static IReadOnlyList<string> Siblings(IReadOnlyList<string> path, SettingsReader reader)
    {
        var around = SettingNames.Join(path.SkipLast(1)) + ".";
        return [.. reader.ReadPaths.Concat(reader.Sections).Where(name => name.StartsWith(around, StringComparison.Ordinal)).Select(name => name[around.Length..].Split('.')[0]).Distinct()];
    }

    private static SettingError Error(ConfigurationSources sources, IReadOnlyList<string> path, IReadOnlyList<string> known)
    {
        var meant = SettingNames.Nearest(path[^1], known);
        var hint = meant is not null ? $"; did you mean {meant}?" : known.Count > 0 ? $"; known here: {string.Join(", ", known.Order(StringComparer.Ordinal))}" : "";
        return new SettingError(SettingNames.Join(path), sources.Places.Of(path), $"there is no such setting{hint}");
    }
}
