using System.Diagnostics.CodeAnalysis;

namespace Hocon.Tree;

/// <summary>A resolved, immutable value: a scalar, an array or an object.</summary>
internal abstract class ConfigNode(Origin origin)
{
    /// <summary>Where the value was written; for merged objects the place of the first part.</summary>
    public Origin Origin { get; } = origin;

    /// <summary>Levels of nesting: 1 for a scalar.</summary>
    public abstract int Depth { get; }

    /// <summary>Values plus characters in this tree.</summary>
    public abstract long Weight { get; }

    /// <summary>What an error message calls this kind of value.</summary>
    public abstract string Description { get; }
}

/// <summary>How a scalar was written.</summary>
internal enum ScalarKind
{
    /// <summary>Quoted, or joined with something quoted: always a string.</summary>
    Quoted,

    /// <summary>Unquoted: a number, a boolean or a string, as it reads.</summary>
    Unquoted,

    /// <summary>The unquoted word null.</summary>
    Null,
}

/// <summary>A string, number, boolean or null, kept as it was written.</summary>
internal sealed class ScalarNode(Origin origin, string text, ScalarKind kind) : ConfigNode(origin)
{
    public string Text { get; } = text;

    public ScalarKind Kind { get; } = kind;

    public bool IsNull => Kind == ScalarKind.Null;

    public override int Depth => 1;

    public override long Weight => 1 + Text.Length;

    public override string Description =>
        IsNull ? "null" : Text.Length <= 60 ? $"\"{Text}\"" : $"\"{Text[..57]}...\"";
}

/// <summary>An array.</summary>
internal sealed class ArrayNode : ConfigNode
{
    public ArrayNode(Origin origin, IReadOnlyList<ConfigNode> items)
        : base(origin)
    {
        Items = items;
        Depth = 1 + (items.Count == 0 ? 0 : items.Max(item => item.Depth));
        Weight = 1 + items.Sum(item => item.Weight);
    }

    public IReadOnlyList<ConfigNode> Items { get; }

    public override int Depth { get; }

    public override long Weight { get; }

    public override string Description => "an array";
}

/// <summary>An object; its keys keep the order in which they were first written.</summary>
internal sealed class ObjectNode : ConfigNode
{
    private readonly OrderedDictionary<string, ConfigNode> _fields;

    public ObjectNode(Origin origin, OrderedDictionary<string, ConfigNode> fields)
        : base(origin)
    {
        _fields = fields;
        Depth = 1 + (fields.Count == 0 ? 0 : fields.Values.Max(value => value.Depth));
        Weight = 1 + fields.Sum(field => field.Key.Length + field.Value.Weight);
    }

    public static ObjectNode Empty { get; } = new(Origin.None, []);

    /// <summary>Fields in order.</summary>
    public IReadOnlyList<KeyValuePair<string, ConfigNode>> Fields => _fields;

    public IReadOnlyCollection<string> Keys => _fields.Keys;

    public int Count => _fields.Count;

    public override int Depth { get; }

    public override long Weight { get; }

    public override string Description => "an object";

    public bool TryGet(string key, [NotNullWhen(true)] out ConfigNode? value) => _fields.TryGetValue(key, out value);

    /// <summary>The value at a path of keys, or null. The empty path is this object.</summary>
    public ConfigNode? Find(IEnumerable<string> path)
    {
        ConfigNode? current = this;
        foreach (var key in path)
        {
            if (current is not ObjectNode parent || !parent.TryGet(key, out current))
            {
                return null;
            }
        }

        return current;
    }

    /// <summary>This object with what it lacks taken from another: objects merge key by key, anything else hides the fallback's value.</summary>
    public ObjectNode WithFallback(ObjectNode fallback)
    {
        if (fallback.Count == 0 || ReferenceEquals(this, fallback))
        {
            return this;
        }

        if (Count == 0)
        {
            return fallback;
        }

        var merged = new OrderedDictionary<string, ConfigNode>(_fields);
        foreach (var (key, other) in fallback.Fields)
        {
            if (!merged.TryGetValue(key, out var own))
            {
                merged.Add(key, other);
            }
            else if (own is ObjectNode ownObject && other is ObjectNode otherObject)
            {
                merged[key] = ownObject.WithFallback(otherObject);
            }
        }

        return new ObjectNode(Origin, merged);
    }

    /// <summary>
    /// The values of an object whose keys are whole numbers, in numeric order, other keys left out; null when it has
    /// none. HOCON treats such an object as an array where an array is asked for.
    /// </summary>
    public ArrayNode? AsArray()
    {
        var items = new SortedDictionary<int, ConfigNode>();
        foreach (var (key, value) in _fields)
        {
            if (int.TryParse(key, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var index))
            {
                items[index] = value;
            }
        }

        return items.Count == 0 ? null : new ArrayNode(Origin, [.. items.Values]);
    }
}
