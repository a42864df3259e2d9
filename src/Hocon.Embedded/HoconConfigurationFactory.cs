using Hocon.Parsing;
using Hocon.Resolving;
using Hocon.Tree;

namespace Hocon;

/// <summary>Reads configurations.</summary>
public static class HoconConfigurationFactory
{
    /// <summary>A configuration without values.</summary>
    public static Config Empty => Config.Empty;

    /// <summary>Reads a text, which can include nothing; substitutions fall back to the environment.</summary>
    /// <exception cref="HoconParserException">The text is no HOCON, or a substitution cannot be resolved.</exception>
    public static Config ParseString(string hocon) => Parse(new SourceText(null, hocon), new NoIncludes());

    /// <summary>Reads a text that can include what a function returns.</summary>
    /// <param name="hocon">The text.</param>
    /// <param name="includeCallback">Called with every name as it is written, whatever text it stands in.</param>
    /// <exception cref="HoconParserException">The text is no HOCON, or a substitution or include cannot be resolved.</exception>
    public static Config ParseString(string hocon, HoconIncludeCallbackAsync includeCallback)
    {
        ArgumentNullException.ThrowIfNull(includeCallback);
        return Parse(new SourceText(null, hocon), new CallbackIncludes(includeCallback));
    }

    /// <summary>Reads a UTF-8 file; relative names of includes are looked up beside the including file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="HoconParserException">The text is no HOCON, or a substitution or include cannot be resolved.</exception>
    public static Config FromFile(string filePath)
    {
        ArgumentException.ThrowIfNullOrEmpty(filePath);
        var fullPath = Path.GetFullPath(filePath);
        return Parse(new SourceText(fullPath, FileIncludes.ReadText(fullPath)), new FileIncludes());
    }

    /// <summary>Reads a text with another environment than the process's.</summary>
    internal static Config Parse(SourceText source, IncludeSource includes, Func<string, string?>? environment = null)
    {
        ArgumentNullException.ThrowIfNull(source.Text, "hocon");
        var raw = new ParseContext(includes).Parse(Origin.None, source, [], 0);
        return new Config(Resolver.Resolve(raw, environment ?? Environment.GetEnvironmentVariable));
    }
}
