using Hocon.Tree;
using Hocon.Units;

namespace Hocon;

/// <summary>A value of any kind.</summary>
public sealed class HoconValue
{
    internal HoconValue(ConfigNode node)
    {
        Node = node;
    }

    /// <summary>The kind; numbers and booleans are the ones written without quotes.</summary>
    public HoconType Type => Node switch
    {
        ObjectNode => HoconType.Object,
        ArrayNode => HoconType.Array,
        ScalarNode { IsNull: true } => HoconType.Empty,
        ScalarNode scalar when NodeRenderer.IsBare(scalar) => scalar.Text is "true" or "false" ? HoconType.Boolean : HoconType.Number,
        _ => HoconType.String,
    };

    internal ConfigNode Node { get; }

    /// <summary>A scalar's text; null for null.</summary>
    /// <exception cref="HoconException">The value is an array or an object.</exception>
    public string? GetString() => Scalars.Text(Node);

    /// <summary>An array's elements.</summary>
    /// <exception cref="HoconException">The value is no array.</exception>
    public IList<HoconValue> GetArray() => [.. Scalars.Items(Node).Select(item => new HoconValue(item))];

    /// <summary>An object's fields.</summary>
    /// <exception cref="HoconException">The value is no object.</exception>
    public HoconObject GetObject() =>
        Node is ObjectNode fields ? new HoconObject(fields) : throw new HoconException($"expected an object, found {Node.Description}");

    /// <summary>The value as HOCON text.</summary>
    public override string ToString() => NodeRenderer.Render(Node);
}

/// <summary>A key and its value.</summary>
public sealed class HoconField
{
    internal HoconField(string key, ConfigNode node)
    {
        Key = key;
        Value = new HoconValue(node);
    }

    /// <summary>The key, without quotes.</summary>
    public string Key { get; }

    public HoconValue Value { get; }

    public HoconType Type => Value.Type;
}

/// <summary>Fields by key, in the order in which they were first written.</summary>
public sealed class HoconObject : Dictionary<string, HoconField>
{
    internal HoconObject(ObjectNode node)
    {
        // A dictionary that nothing is removed from enumerates in order of insertion.
        foreach (var (key, value) in node.Fields)
        {
            Add(key, new HoconField(key, value));
        }
    }
}
