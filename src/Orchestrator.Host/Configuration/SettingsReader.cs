using System.Globalization;
using System.Net;
using Hocon;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Windows;

namespace Orchestrator.Host.Configuration;

/// <summary>
/// Reads settings below a path, notes which were read and collects every error instead of stopping at the first. A
/// setting that is wrong is returned as its type's default, for nothing but reading on.
/// </summary>
internal sealed class SettingsReader : IEngineSettings
{
    private const string AnyText = "a text";

    private readonly ConfigurationSources _sources;
    private readonly IReadOnlyList<string> _path;
    private readonly List<SettingError> _errors;
    private readonly HashSet<string> _read;
    private readonly HashSet<string> _sections;
    private readonly string _filesBelow;
    private readonly HashSet<string> _secretFiles;

    /// <param name="filesBelow">The directory in which files must be that settings name; empty: anywhere.</param>
    public SettingsReader(ConfigurationSources sources, string filesBelow = "")
        : this(sources, [], [], [], [], [], filesBelow)
    {
    }

    private SettingsReader(
        ConfigurationSources sources,
        IReadOnlyList<string> path,
        List<SettingError> errors,
        HashSet<string> read,
        HashSet<string> sections,
        HashSet<string> secretFiles,
        string filesBelow)
    {
        _secretFiles = secretFiles;
        _sources = sources;
        _path = path;
        _errors = errors;
        _read = read;
        _sections = sections;
        _filesBelow = filesBelow;
    }

    public IReadOnlyList<SettingError> Errors => _errors;

    /// <summary>Paths of all settings that were asked for, by this reader and those of its sections.</summary>
    public IReadOnlySet<string> ReadPaths => _read;

    /// <summary>Paths of all sections that were asked for, by this reader and those of its sections.</summary>
    public IReadOnlySet<string> Sections => _sections;

    /// <summary>Files with passwords and private keys that were asked for, by this reader and those of its sections.</summary>
    public IReadOnlySet<string> SecretFiles => _secretFiles;

    public SettingsReader Section(params string[] keys)
    {
        for (var depth = 1; depth <= keys.Length; depth++)
        {
            _sections.Add(SettingNames.Join([.. _path, .. keys.Take(depth)]));
        }

        return new SettingsReader(_sources, [.. _path, .. keys], _errors, _read, _sections, _secretFiles, _filesBelow);
    }

    IEngineSettings IEngineSettings.Section(string key) => Section(key);

    string IEngineSettings.Secret(string key) => Secret(key).Value;

    /// <summary>Keys of the object here, in order; none when there is no object.</summary>
    public IReadOnlyList<string> Keys()
    {
        var path = SettingNames.Join(_path);
        return _sources.Merged.HasPath(path) && _sources.Merged.GetValue(path).Type == HoconType.Object
            ? [.. _sources.Merged.GetConfig(path).AsEnumerable().Select(field => field.Key)]
            : [];
    }

    /// <summary>Whether a key of this section has a value other than null. Who asks knows the setting: it counts as read.</summary>
    public bool Has(string key)
    {
        var path = PathOf(key);
        _read.Add(path);
        return _sources.Merged.HasPath(path);
    }

    public string Text(string key) => Read(key, AnyText, path => _sources.Merged.GetString(path).Trim(), _ => null) ?? "";

    public string RequiredText(string key) =>
        Read(key, AnyText, path => _sources.Merged.GetString(path).Trim(), text => text.Length > 0 ? null : "expected a value, found an empty text") ?? "";

    public string IpAddress(string key) => Read(
        key,
        AnyText,
        path => _sources.Merged.GetString(path).Trim(),
        text => text.Length == 0 ? "expected a value, found an empty text"
            : IPAddress.TryParse(text, out _) ? null
            : $"expected an IP address, found \"{text}\"") ?? "";

    /// <summary>An absolute path; empty stays empty.</summary>
    public string FilePath(string key)
    {
        var text = Text(key);
        try
        {
            var path = text.Length == 0 ? "" : Path.GetFullPath(text);
            if (path.Length > 0 && (key is "key" or "password-file" || Path.GetExtension(path) is ".pfx" or ".p12"))
            {
                _secretFiles.Add(path);
            }

            return _filesBelow.Length > 0 && path.Length > 0 && Path.GetDirectoryName(path) != _filesBelow
                ? Fail(key, "expected the key of a Secret: files of the operator cannot be named here", "")
                : path;
        }
        catch (ArgumentException)
        {
            return Fail(key, "expected the path of a file or directory, found a text with a null character", "");
        }
    }

    /// <summary>A text that no error shows.</summary>
    public Secret Secret(string key)
    {
        var path = PathOf(key);
        _read.Add(path);
        try
        {
            return new Secret(_sources.Merged.HasPath(path) ? _sources.Merged.GetString(path).Trim() : "");
        }
        catch (HoconException)
        {
            return Fail(key, "expected a text", Configuration.Secret.None);
        }
    }

    /// <summary>Whether an error about this setting was added already.</summary>
    public bool HasErrorAt(string key) => _errors.Any(error => error.Path == PathOf(key));

    public int WholeNumber(string key, int least, int most) => (int)LongNumber(key, least, most);

    public long LongNumber(string key, long least, long most) => Read(
        key,
        "a whole number",
        path => _sources.Merged.GetLong(path),
        number => InRange(number, least, most, n => n.ToString(CultureInfo.InvariantCulture)));

    /// <summary>A duration; the limits are written as in settings.</summary>
    public TimeSpan Duration(string key, string least, string most) => Read(
        key,
        "a duration such as 500ms, 10s, 5m or 2h",
        path => _sources.Merged.GetTimeSpan(path, allowInfinite: false),
        time => InRange(time, Units.Duration(least), Units.Duration(most), DurationText.Exact) is { } problem ? problem + WithoutUnit(key, "ms") : null);

    /// <summary>A size in bytes; the limits are written as in settings.</summary>
    public long Size(string key, string least, string most) => Read(
        key,
        "a size such as 512, 64KiB or 16MiB",
        path => _sources.Merged.GetByteSize(path) ?? throw new FormatException("no size"),
        size => InRange(size, Units.Size(least), Units.Size(most), Units.Format) is { } problem ? problem + WithoutUnit(key, "bytes") : null);

    /// <summary>A share such as 10% or 0.1.</summary>
    public double Share(string key, double most) => Read(
        key,
        "a share such as 10% or 0.1",
        path => Units.Share(_sources.Merged.GetString(path)),
        share => InRange(share, 0, most, n => string.Create(CultureInfo.InvariantCulture, $"{n * 100}%")));

    /// <summary>One of some words.</summary>
    public T Choice<T>(string key, IReadOnlyDictionary<string, T> choices)
    {
        var text = Read(key, AnyText, path => _sources.Merged.GetString(path).Trim(), found => choices.ContainsKey(found)
            ? null
            : $"expected one of {string.Join(", ", choices.Keys)}, found \"{found}\""
                + (SettingNames.Nearest(found, choices.Keys) is { } meant ? $"; did you mean {meant}?" : ""));
        return text is not null && choices.TryGetValue(text, out var choice) ? choice : choices.Values.First();
    }

    /// <summary>One of some words, or a default where nothing is written.</summary>
    public T Choice<T>(string key, IReadOnlyDictionary<string, T> choices, T otherwise) => Has(key) ? Choice(key, choices) : otherwise;

    /// <summary>on or off; also true and false, yes and no.</summary>
    public bool Switch(string key) => Read(key, "on or off", path => (bool?)_sources.Merged.GetBoolean(path), _ => null) ?? false;

    /// <summary>A setting that need not be there, or a default.</summary>
    /// <param name="read">Reads it.</param>
    public T Optional<T>(string key, Func<string, T> read, T otherwise) => Has(key) ? read(key) : otherwise;

    /// <summary>An array of texts, or one text with commas between them. Each must be there, and once only.</summary>
    public IReadOnlyList<string> TextList(string key, Func<string, string?> check)
    {
        var items = Read(key, "a list such as [a, b]", ReadList, list => list.FirstOrDefault(item => item.Length == 0) is not null
            ? "expected texts that are not empty"
            : list.GroupBy(item => item, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
                ? $"expected each element once, found \"{twice.Key}\" {twice.Count()} times"
                : list.Select(check).FirstOrDefault(problem => problem is not null));
        return items ?? [];
    }

    /// <summary>Adds an error about a setting of this section.</summary>
    public T Fail<T>(string key, string problem, T instead)
    {
        var path = (IReadOnlyList<string>)[.. _path, key];
        _errors.Add(new SettingError(SettingNames.Join(path), _sources.Places.Of(path), problem));
        return instead;
    }

    private string PathOf(string key) => SettingNames.Join([.. _path, key]);

    private List<string> ReadList(string path)
    {
        var merged = _sources.Merged;
        return merged.GetValue(path).Type == HoconType.Array
            ? [.. merged.GetStringList(path).Select(item => item.Trim())]
            : [.. merged.GetString(path).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
    }

    private T? Read<T>(string key, string what, Func<string, T> get, Func<T, string?> check)
    {
        var path = PathOf(key);
        _read.Add(path);
        if (!_sources.Merged.HasPath(path))
        {
            return Fail<T?>(key, "expected a value, found none", default);
        }

        T value;
        try
        {
            value = get(path);
        }
        catch (Exception e) when (e is HoconException or FormatException or OverflowException)
        {
            return Fail<T?>(key, $"expected {what}, found {Found(path)}", default);
        }

        return check(value) is { } problem ? Fail<T?>(key, problem, default) : value;
    }

    /// <summary>HOCON has a unit for a number that has none, which is seldom the one that was meant.</summary>
    private string WithoutUnit(string key, string unit) =>
        _sources.Merged.GetString(PathOf(key)).Trim() is var text && text.All(c => char.IsAsciiDigit(c) || c == '.') ? $" ({text} without a unit means {text} {unit})" : "";

    private string Found(string path) => _sources.Merged.GetValue(path) switch
    {
        { Type: HoconType.Object } => "an object",
        { Type: HoconType.Array } => "an array",
        var scalar => $"\"{scalar.GetString()}\"",
    };

    private static string? InRange<T>(T value, T least, T most, Func<T, string> format)
        where T : IComparable<T> => value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0
            ? null
            : $"expected {format(least)} to {format(most)}, found {format(value)}";
}
