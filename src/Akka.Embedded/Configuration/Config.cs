using System.Diagnostics.CodeAnalysis;
using Hocon;

namespace Akka.Configuration;

/// <summary>
/// An immutable configuration, read by dotted paths. A missing key gives the getter's default; a value that cannot be read as the type asked for
/// is an error.
/// </summary>
public class Config
{
    /// <summary>A configuration without any key.</summary>
    internal static readonly Config Empty = new();

    private readonly Hocon.Config _tree;

    internal Config()
        : this(Hocon.Config.Empty)
    {
    }

    /// <summary><paramref name="source"/> with what it lacks taken from <paramref name="fallback"/>.</summary>
    internal Config(Config source, Config fallback)
        : this(source._tree.WithFallback(fallback._tree))
    {
    }

    internal Config(Hocon.Config tree) => _tree = tree;

    /// <summary>True when there is no key at all.</summary>
    public virtual bool IsEmpty => _tree.IsEmpty;

    /// <summary>Parses HOCON text.</summary>
    public static implicit operator Config(string str) => ConfigurationFactory.ParseString(str);

    /// <summary>This configuration with what it lacks taken from <paramref name="fallback"/>.</summary>
    public virtual Config WithFallback(Config? fallback) => fallback is null || ReferenceEquals(fallback, this) ? this : new Config(this, fallback);

    /// <summary>True when there is a value at the path.</summary>
    public virtual bool HasPath(string path) => _tree.HasPath(path);

    /// <summary>The part below a path; null when there is none.</summary>
    [return: MaybeNull]
    public virtual Config GetConfig(string path) => _tree.HasPath(path) ? Read(() => new Config(_tree.GetConfig(path))) : null;

    /// <summary>The text at a path.</summary>
    [return: NotNullIfNotNull(nameof(@default))]
    public virtual string? GetString(string path, string? @default = null) => HasPath(path) ? Read(() => _tree.GetString(path)) : @default;

    /// <summary>The truth value at a path: on, off, true, false, yes or no.</summary>
    /// <exception cref="NotSupportedException">The value is something else.</exception>
    public virtual bool GetBoolean(string path, bool @default = false)
    {
        try
        {
            return HasPath(path) ? _tree.GetBoolean(path) : @default;
        }
        catch (HoconException cause)
        {
            throw new NotSupportedException("Unknown boolean format: " + cause.Message, cause);
        }
    }

    /// <summary>The whole number at a path.</summary>
    /// <exception cref="FormatException">The value is none.</exception>
    public virtual int GetInt(string path, int @default = 0) => HasPath(path) ? Read(() => _tree.GetInt(path)) : @default;

    /// <summary>The whole number at a path.</summary>
    /// <exception cref="FormatException">The value is none.</exception>
    public virtual long GetLong(string path, long @default = 0) => HasPath(path) ? Read(() => _tree.GetLong(path)) : @default;

    /// <summary>The number at a path.</summary>
    /// <exception cref="FormatException">The value is none.</exception>
    public virtual double GetDouble(string path, double @default = 0) => HasPath(path) ? Read(() => _tree.GetDouble(path)) : @default;

    /// <summary>The size at a path, in bytes (<c>512b</c>, <c>128KiB</c>, <c>1 MB</c>); null when there is none.</summary>
    /// <exception cref="FormatException">The value is no size.</exception>
    public virtual long? GetByteSize(string path) => GetByteSize(path, null);

    /// <summary>The size at a path, in bytes (<c>512b</c>, <c>128KiB</c>, <c>1 MB</c>).</summary>
    /// <exception cref="FormatException">The value is no size.</exception>
    public virtual long? GetByteSize(string path, long? def = null) => HasPath(path) ? Read(() => _tree.GetByteSize(path)) : def;

    /// <summary>
    /// The duration at a path (<c>10s</c>, <c>5 minutes</c>, milliseconds without a unit), <see cref="Timeout.InfiniteTimeSpan"/> for <c>infinite</c>.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="default">What a missing key means; null for zero.</param>
    /// <param name="allowInfinite">Whether <c>infinite</c> is allowed.</param>
    /// <exception cref="FormatException">The value is no duration.</exception>
    public virtual TimeSpan GetTimeSpan(string path, TimeSpan? @default = null, bool allowInfinite = true) =>
        HasPath(path) ? Read(() => _tree.GetTimeSpan(path, allowInfinite)) : @default ?? TimeSpan.Zero;

    /// <summary>The texts of the list at a path; an empty list when there is none.</summary>
    /// <exception cref="FormatException">The value is no list of texts.</exception>
    public virtual IList<string> GetStringList(string path) => HasPath(path) ? Read(() => _tree.GetStringList(path)) : [];

    /// <summary>The configuration as HOCON text.</summary>
    public override string ToString() => _tree.ToString();

    /// <summary>Keys and text values directly below this configuration, for maps such as serializer bindings.</summary>
    /// <exception cref="FormatException">A value is no text.</exception>
    internal IEnumerable<KeyValuePair<string, string>> TextFields() =>
        Read(() => _tree.AsEnumerable().Select(field => KeyValuePair.Create(field.Key, field.Value.GetString() ?? "")).ToArray());

    /// <summary>Keys directly below this configuration.</summary>
    internal IEnumerable<string> Keys() => _tree.AsEnumerable().Select(field => field.Key);

    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (HoconException cause)
        {
            throw new FormatException(cause.Message, cause);
        }
    }
}
