using Hocon.Tree;

namespace Hocon.Parsing;

/// <summary>A value as written: substitutions are not resolved yet.</summary>
internal abstract class RawValue(Origin origin)
{
    public Origin Origin { get; } = origin;
}

internal sealed class RawScalar(Origin origin, string text, ScalarKind kind) : RawValue(origin)
{
    public string Text { get; } = text;

    public ScalarKind Kind { get; } = kind;
}

/// <summary>Space between two parts of a concatenation; it counts between strings and is dropped between arrays or objects.</summary>
internal sealed class RawSpace(Origin origin, string text) : RawValue(origin)
{
    public string Text { get; } = text;
}

internal sealed class RawArray(Origin origin, IReadOnlyList<RawValue> items) : RawValue(origin)
{
    public IReadOnlyList<RawValue> Items { get; } = items;
}

/// <summary><c>${path}</c> or <c>${?path}</c>.</summary>
/// <param name="origin">Position of the dollar sign.</param>
/// <param name="path">The path as written.</param>
/// <param name="prefix">Path at which the document holding it was included: looked up there first.</param>
/// <param name="optional">Whether a missing value is left out instead of being an error.</param>
/// <param name="list">Whether <c>[]</c> follows the path: the environment is read as NAME_0, NAME_1, ...</param>
internal sealed class RawSubstitution(Origin origin, IReadOnlyList<string> path, IReadOnlyList<string> prefix, bool optional, bool list)
    : RawValue(origin)
{
    public IReadOnlyList<string> Path { get; } = path;

    /// <summary>Paths from the root, in the order in which they are looked up.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Candidates { get; } = prefix.Count == 0 ? [path] : [[.. prefix, .. path], path];

    public bool Optional { get; } = optional;

    public bool List { get; } = list;

    public override string ToString() => $"${{{(Optional ? "?" : "")}{PathExpression.Render(Path)}{(List ? "[]" : "")}}}";
}

/// <summary>Two or more parts side by side.</summary>
internal sealed class RawConcatenation(Origin origin, IReadOnlyList<RawValue> parts) : RawValue(origin)
{
    public IReadOnlyList<RawValue> Parts { get; } = parts;
}

/// <summary>The right side of <c>+=</c>: one element to add to what the field held before.</summary>
internal sealed class RawAppend(Origin origin, RawValue element) : RawValue(origin)
{
    public RawValue Element { get; } = element;
}

/// <summary>Every value a field was given, oldest first. Neighbouring object literals are merged as they are read.</summary>
internal sealed class RawField
{
    private readonly List<RawValue> _layers = [];

    public IReadOnlyList<RawValue> Layers => _layers;

    public void Add(RawValue value)
    {
        if (value is RawObject added && _layers is [.., RawObject last])
        {
            last.Merge(added);
        }
        else
        {
            _layers.Add(value);
        }
    }
}

internal sealed class RawObject(Origin origin) : RawValue(origin)
{
    private readonly OrderedDictionary<string, RawField> _fields = [];

    public IReadOnlyDictionary<string, RawField> Fields => _fields;

    /// <summary>Assigns a value at a path below this object, making the objects on the way.</summary>
    public void Set(IReadOnlyList<string> path, Origin keyOrigin, RawValue value)
    {
        var target = this;
        foreach (var key in path.SkipLast(1))
        {
            var field = target.Field(key);
            if (field.Layers is not [.., RawObject])
            {
                field.Add(new RawObject(keyOrigin));
            }

            target = (RawObject)field.Layers[^1];
        }

        target.Field(path[^1]).Add(value);
    }

    /// <summary>Adds another object's fields as later values of the same keys. The other object must not be used afterwards.</summary>
    public void Merge(RawObject later)
    {
        foreach (var (key, field) in later._fields)
        {
            if (_fields.TryGetValue(key, out var own))
            {
                foreach (var layer in field.Layers)
                {
                    own.Add(layer);
                }
            }
            else
            {
                _fields.Add(key, field);
            }
        }
    }

    private RawField Field(string key)
    {
        if (!_fields.TryGetValue(key, out var field))
        {
            field = new RawField();
            _fields.Add(key, field);
        }

        return field;
    }
}
