using System.Reflection;
using Hocon;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Configuration;

/// <summary>The configuration as read: an operator's file over the reference, and where each setting stands.</summary>
/// <param name="File">What the operator's file says, resolved.</param>
/// <param name="Merged">The same with the reference's defaults.</param>
/// <param name="Places">Where settings were written in the operator's file and what it includes.</param>
internal sealed record ConfigurationSources(Config File, Config Merged, SettingPlaces Places)
{
    private const string ReferenceName = "reference.conf";

    /// <summary>The text of hocon/reference.conf, which is part of the program.</summary>
    public static string ReferenceText { get; } = ReadReference();

    /// <summary>Reads a configuration file and what it includes.</summary>
    /// <exception cref="SettingsException">It cannot be read or is not HOCON.</exception>
    public static ConfigurationSources Load(string path)
    {
        var fullPath = Path.GetFullPath(path);
        try
        {
            return Build(BoundedFile.ReadText(fullPath), Display(fullPath), name => ReadInclude(fullPath, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([new SettingError("", new SettingPlace(Display(fullPath), 0), $"cannot be read: {FileProblem.Of(e, fullPath)}")]);
        }
    }

    /// <summary>Takes a text as if it were a file. It can include nothing.</summary>
    /// <param name="text">HOCON.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="SettingsException">It is not HOCON.</exception>
    public static ConfigurationSources Parse(string text, string name) => Build(text, name, _ => null);

    /// <summary>The same with some settings decided by the program. They hold over the file's, and count as nobody's mistake.</summary>
    /// <param name="text">HOCON.</param>
    public ConfigurationSources With(string text) => this with { Merged = HoconConfigurationFactory.ParseString(text).WithFallback(Merged) };

    private static ConfigurationSources Build(string text, string name, Func<string, string?> readInclude)
    {
        try
        {
            var file = HoconConfigurationFactory.ParseString(text, (kind, include) => kind == HoconCallbackType.Url
                ? throw new HoconException("only files can be included")
                : Task.FromResult(readInclude(include)));
            var reference = HoconConfigurationFactory.ParseString(ReferenceText);
            var places = new SettingPlaces();
            places.Add(name, text, readInclude);
            return new ConfigurationSources(file, file.WithFallback(reference), places);
        }
        catch (Exception e) when (e is HoconParserException or HoconException)
        {
            throw new SettingsException([new SettingError("", new SettingPlace(name, 0), e.Message)]);
        }
    }

    /// <summary>The text of an included file; null when there is none.</summary>
    private static string? ReadInclude(string includingFile, string name)
    {
        var path = Path.Combine(Path.GetDirectoryName(includingFile)!, name);
        try
        {
            return Path.Exists(path) ? BoundedFile.ReadText(path, ofShell: false) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(FileProblem.Of(e, path), e);
        }
    }

    /// <summary>The path as an operator would write it: relative when it lies below the working directory.</summary>
    private static string Display(string fullPath)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, fullPath);
        return relative.StartsWith("..", StringComparison.Ordinal) ? fullPath : relative;
    }

    private static string ReadReference()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(ReferenceName)
            ?? throw new InvalidOperationException($"the program lacks its {ReferenceName}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
