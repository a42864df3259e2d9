using System.Reflection;
using Hocon;
using Hocon.Parsing;

namespace Akka.Configuration;

/// <summary>Makes configurations.</summary>
public class ConfigurationFactory
{
    private static readonly Lazy<Config> _reference = new(ReadReference);

    /// <summary>A configuration without any key.</summary>
    public static Config Empty => Config.Empty;

    /// <summary>
    /// Reads HOCON text. It must be complete in itself: neither the environment nor files are looked at.
    /// </summary>
    /// <exception cref="ConfigurationException">The text is not valid HOCON.</exception>
    public static Config ParseString(string hocon)
    {
        ArgumentNullException.ThrowIfNull(hocon);
        try
        {
            return new Config(HoconConfigurationFactory.Parse(new SourceText(null, hocon), new NoIncludes(), _ => null));
        }
        catch (HoconParserException cause)
        {
            throw new ConfigurationException(cause.Message, cause);
        }
    }

    /// <summary>The configuration of the application's own settings; empty here, where the host always gives its own.</summary>
    internal static Config Load() => Empty;

    /// <summary>The runtime's reference configuration: every key with its default.</summary>
    public static Config Default() => _reference.Value;

    private static Config ReadReference()
    {
        var assembly = typeof(ConfigurationFactory).Assembly;
        var result = Config.Empty;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.EndsWith(".reference.conf", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            result = ParseString(ReadText(assembly, name)).WithFallback(result);
        }

        return result;
    }

    private static string ReadText(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
