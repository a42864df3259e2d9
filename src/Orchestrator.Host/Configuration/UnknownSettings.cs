using Hocon;

namespace Orchestrator.Host.Configuration;

/// <summary>Finds what a file sets and nobody reads: a mistyped setting must not be silently without effect.</summary>
internal static class UnknownSettings
{
    private static readonly string[] _roots = ["orchestrator", "akka"];

    /// <summary>Objects whose keys are names that the operator chooses.</summary>
    private static readonly string[] _named =
    [
        "orchestrator.clusters", "orchestrator.windows", "orchestrator.schedules", "orchestrator.security.tokens", "orchestrator.notifications.webhooks",
    ];

    /// <summary>Errors for unknown settings below <c>orchestrator</c>, and for roots that look like a mistyped one.</summary>
    /// <param name="sources">The configuration.</param>
    /// <param name="known">Paths of all settings that were asked for.</param>
    public static IEnumerable<SettingError> Find(ConfigurationSources sources, IReadOnlySet<string> known)
    {
        foreach (var (key, _) in sources.File.AsEnumerable())
        {
            // Other roots are free for values that are only referred to.
            if (!_roots.Contains(key) && SettingNames.Nearest(key, _roots) is { } meant)
            {
                yield return Error(sources, [key], [meant]);
            }
        }

        foreach (var path in Unread(sources.File, known))
        {
            yield return Error(sources, path, Siblings(path, known));
        }
    }

    /// <summary>Paths of all settings below <c>orchestrator</c> that are not known; of an unknown object only its own path.</summary>
    public static IEnumerable<IReadOnlyList<string>> Unread(Config config, IReadOnlySet<string> known)
    {
        var sections = known.SelectMany(Prefixes).ToHashSet();
        return config.HasPath("orchestrator")
            ? Unread(config.GetValue("orchestrator"), ["orchestrator"], known, sections)
            : [];
    }

    private static IEnumerable<IReadOnlyList<string>> Unread(HoconValue value, IReadOnlyList<string> path, IReadOnlySet<string> known, HashSet<string> sections)
    {
        var name = SettingNames.Join(path);
        if (known.Contains(name) || (sections.Contains(name) && HoconText.IsNull(value)))
        {
            return [];
        }

        if (value.Type != HoconType.Object || !(sections.Contains(name) || _named.Contains(name)))
        {
            return [path];
        }

        return value.GetObject().SelectMany(field => Unread(field.Value.Value, [.. path, field.Key], known, sections));
    }

    private static IEnumerable<string> Prefixes(string path)
    {
        for (var dot = path.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = path.IndexOf('.', dot + 1))
        {
            yield return path[..dot];
        }
    }

    private static IReadOnlyList<string> Siblings(IReadOnlyList<string> path, IReadOnlySet<string> known)
    {
        var around = SettingNames.Join(path.SkipLast(1)) + ".";
        return [.. known.Concat(_named).Where(name => name.StartsWith(around, StringComparison.Ordinal)).Select(name => name[around.Length..].Split('.')[0]).Distinct()];
    }

    private static SettingError Error(ConfigurationSources sources, IReadOnlyList<string> path, IReadOnlyList<string> known)
    {
        var meant = SettingNames.Nearest(path[^1], known);
        var hint = meant is not null ? $"; did you mean {meant}?" : known.Count > 0 ? $"; known here: {string.Join(", ", known.Order(StringComparer.Ordinal))}" : "";
        return new SettingError(SettingNames.Join(path), sources.Places.Of(path), $"there is no such setting{hint}");
    }
}
