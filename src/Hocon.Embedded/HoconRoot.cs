using System.Diagnostics.CodeAnalysis;
using Hocon.Tree;
using Hocon.Units;

namespace Hocon;

/// <summary>
/// A resolved configuration, read by path. Paths are keys joined by dots, keys with other characters in quotes. A missing
/// value and null are the same to the typed getters: the ones with a default return it, the others throw.
/// </summary>
public class HoconRoot
{
    internal HoconRoot(ObjectNode tree)
    {
        Tree = tree;
    }

    internal ObjectNode Tree { get; }

    /// <summary>Whether a value other than null is at the path.</summary>
    public virtual bool HasPath(string path) => TryFind(path, out _);

    /// <summary>The value at a path.</summary>
    /// <exception cref="HoconValueException">There is none.</exception>
    public virtual HoconValue GetValue(string path) => new(Find(path));

    /// <summary>The object at a path.</summary>
    /// <exception cref="HoconValueException">There is none, or another value.</exception>
    public virtual HoconObject GetObject(string path) =>
        Read(path, node => node is ObjectNode fields ? new HoconObject(fields) : throw Scalars.Expected("an object", node));

    /// <summary>The text of a scalar; numbers and booleans as they were written.</summary>
    /// <exception cref="HoconValueException">There is no value, or an array or object.</exception>
    public virtual string GetString(string path) => Read(path, node => Scalars.Required(node, "a text"));

    /// <inheritdoc cref="GetString(string)"/>
    [return: NotNullIfNotNull(nameof(@default))]
    public virtual string? GetString(string path, string? @default) => HasPath(path) ? GetString(path) : @default;

    /// <summary>A whole number.</summary>
    /// <exception cref="HoconValueException">There is no value, or it is no whole number in the range of Int32.</exception>
    public virtual int GetInt(string path) => Read(path, Scalars.Int32);

    /// <inheritdoc cref="GetInt(string)"/>
    public virtual int GetInt(string path, int @default) => HasPath(path) ? GetInt(path) : @default;

    /// <summary>A whole number.</summary>
    /// <exception cref="HoconValueException">There is no value, or it is no whole number in the range of Int64.</exception>
    public virtual long GetLong(string path) => Read(path, Scalars.Int64);

    /// <inheritdoc cref="GetLong(string)"/>
    public virtual long GetLong(string path, long @default) => HasPath(path) ? GetLong(path) : @default;

    /// <summary>A finite number.</summary>
    /// <exception cref="HoconValueException">There is no value, or it is no number.</exception>
    public virtual double GetDouble(string path) => Read(path, Scalars.Double);

    /// <inheritdoc cref="GetDouble(string)"/>
    public virtual double GetDouble(string path, double @default) => HasPath(path) ? GetDouble(path) : @default;

    /// <summary>true, on, yes, false, off or no.</summary>
    /// <exception cref="HoconValueException">There is no value, or it is none of these.</exception>
    public virtual bool GetBoolean(string path) => Read(path, Scalars.Boolean);

    /// <inheritdoc cref="GetBoolean(string)"/>
    public virtual bool GetBoolean(string path, bool @default) => HasPath(path) ? GetBoolean(path) : @default;

    /// <summary>A duration: a number with ns, us, ms, s, m, h or d; milliseconds without a unit.</summary>
    /// <param name="path">Where.</param>
    /// <param name="allowInfinite">Whether the word infinite is read as <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <exception cref="HoconValueException">There is no value, or it is no duration.</exception>
    public virtual TimeSpan GetTimeSpan(string path, bool allowInfinite = true) => Read(path, node => Durations.Parse(node, allowInfinite));

    /// <inheritdoc cref="GetTimeSpan(string, bool)"/>
    public virtual TimeSpan GetTimeSpan(string path, TimeSpan? @default, bool allowInfinite = true) =>
        HasPath(path) || @default is null ? GetTimeSpan(path, allowInfinite) : @default.Value;

    /// <summary>A size in bytes: a number with B, kB, KiB, K, MB, MiB, M and so on; bytes without a unit.</summary>
    /// <exception cref="HoconValueException">There is no value, or it is no size from 0 to 2^63 - 1.</exception>
    public virtual long? GetByteSize(string path) => Read<long?>(path, node => ByteSizes.Parse(node));

    /// <inheritdoc cref="GetByteSize(string)"/>
    public virtual long? GetByteSize(string path, long? @default) => HasPath(path) ? GetByteSize(path) : @default;

    /// <summary>An array of scalars, as texts.</summary>
    /// <exception cref="HoconValueException">There is no value, or it is no array of scalars.</exception>
    public virtual IList<string> GetStringList(string path) =>
        Read(path, node => Scalars.Items(node).Select(item => Scalars.Required(item, "a text as element")).ToList());

    /// <inheritdoc cref="GetStringList(string)"/>
    [return: NotNullIfNotNull(nameof(@default))]
    public virtual IList<string>? GetStringList(string path, IList<string>? @default) => HasPath(path) ? GetStringList(path) : @default;

    /// <summary>The fields at the root, in order.</summary>
    public virtual IEnumerable<KeyValuePair<string, HoconField>> AsEnumerable() =>
        Tree.Fields.Select(field => KeyValuePair.Create(field.Key, new HoconField(field.Key, field.Value)));

    /// <summary>The configuration as HOCON text (JSON), which reads back to an equal one.</summary>
    public override string ToString() => NodeRenderer.Render(Tree);

    /// <summary>The value at a path unless it is missing or null.</summary>
    private protected bool TryFind(string path, [NotNullWhen(true)] out ConfigNode? node)
    {
        node = Tree.Find(PathExpression.Parse(path));
        return node is not (null or ScalarNode { IsNull: true });
    }

    private ConfigNode Find(string path) => TryFind(path, out var node)
        ? node
        : throw new HoconValueException($"{path}: expected a value, found {(node is null ? "none" : "null")}", path, new KeyNotFoundException(path));

    private T Read<T>(string path, Func<ConfigNode, T> convert)
    {
        var node = Find(path);
        try
        {
            return convert(node);
        }
        catch (HoconException e)
        {
            throw new HoconValueException($"{path} ({node.Origin}): {e.Message}", path, e);
        }
    }
}
