namespace Orchestrator.Host.Configuration;

/// <summary>
/// Remembers where settings were written, as far as keys of objects go, so that errors can name file and line. The
/// HOCON library gives values only. Texts are added in the order in which they override each other.
/// </summary>
internal sealed class SettingPlaces
{
    private const int MaxIncludeDepth = 32;

    private readonly Dictionary<string, SettingPlace> _places = [];
    private readonly List<SettingError> _missing = [];
    private string _lastName = "";

    /// <summary>Include statements whose file does not exist. To HOCON that is no error.</summary>
    public IReadOnlyList<SettingError> MissingIncludes => _missing;

    /// <summary>Notes the keys of a text that is known to be HOCON, and of what it includes.</summary>
    /// <param name="name">What errors call it.</param>
    /// <param name="text">HOCON.</param>
    /// <param name="readInclude">Gives the text of an included file, or null.</param>
    public void Add(string name, string text, Func<string, string?> readInclude)
    {
        _lastName = name;
        Add(name, text, [], readInclude, 0);
    }

    /// <summary>Place of a setting, or of the nearest object around it; the last text as a whole when there is none.</summary>
    public SettingPlace Of(IReadOnlyList<string> path)
    {
        for (var length = path.Count; length > 0; length--)
        {
            if (_places.TryGetValue(Key(path.Take(length)), out var place))
            {
                return place;
            }
        }

        return new SettingPlace(_lastName, 0);
    }

    private static string Key(IEnumerable<string> path) => string.Join('\0', path);

    private void Add(string name, string text, IReadOnlyList<string> prefix, Func<string, string?> readInclude, int depth)
    {
        foreach (var line in new KeyScanner(text).Scan())
        {
            var path = (IReadOnlyList<string>)[.. prefix, .. line.Path];
            if (line.Include is null)
            {
                var place = new SettingPlace(name, line.Line);
                for (var length = 1; length < path.Count; length++)
                {
                    _places.TryAdd(Key(path.Take(length)), place);
                }

                _places[Key(path)] = place;
            }
            else if (readInclude(line.Include) is not { } included)
            {
                _missing.Add(new SettingError("", new SettingPlace(name, line.Line), $"includes \"{line.Include}\", which does not exist, so nothing is included"));
            }
            else if (depth < MaxIncludeDepth)
            {
                Add(line.Include, included, path, readInclude, depth + 1);
            }
        }
    }
}
