using Hocon.Parsing;
using Hocon.Tree;

namespace Hocon.Resolving;

/// <summary>One value given to a field: as written, or the value of another field.</summary>
internal abstract record Layer;

internal sealed record RawLayer(RawValue Value) : Layer;

/// <summary>The value of another field, reached by a substitution of the object around it.</summary>
internal sealed record ReferenceLayer(FieldView Target) : Layer;

/// <summary>A field while it is resolved: its values, oldest first, and how far resolving has come.</summary>
/// <param name="path">Path from the root; elements of arrays are named [0], [1], ...</param>
/// <param name="layers">Values, oldest first; never empty.</param>
internal sealed class FieldView(IReadOnlyList<string> path, IReadOnlyList<Layer> layers)
{
    public IReadOnlyList<string> Path { get; } = path;

    public IReadOnlyList<Layer> Layers { get; } = layers;

    /// <summary>What the field is when only layers up to an index count; null where not known yet.</summary>
    public Shape?[] Shapes { get; } = new Shape?[layers.Count];

    /// <summary>Index of the layer being expanded; -1 when none is.</summary>
    public int Active { get; set; } = -1;

    public bool Resolving { get; set; }

    public bool Resolved { get; set; }

    /// <summary>The value once resolved; null when the field is undefined.</summary>
    public ConfigNode? Value { get; set; }
}

/// <summary>
/// What kind of value a field has, before the fields of an object are resolved: an object can be looked into while its
/// own fields are still being resolved, so that they may refer to one another.
/// </summary>
internal abstract record Shape;

/// <summary>An optional substitution that found nothing: as if the field had not been written.</summary>
internal sealed record UndefinedShape : Shape
{
    public static UndefinedShape Instance { get; } = new();
}

/// <summary>A scalar or an array.</summary>
internal sealed record LeafShape(ConfigNode Value) : Shape;

/// <summary>An object whose fields are resolved when they are needed.</summary>
internal sealed record ObjectShape(Origin Origin, IReadOnlyList<string> Path, OrderedDictionary<string, List<Layer>> Children) : Shape
{
    private readonly Dictionary<string, FieldView> _views = [];

    /// <summary>The field whose complete value this is, when a substitution brought it here unchanged.</summary>
    public FieldView? Alias { get; init; }

    public FieldView? View(string key)
    {
        if (!Children.TryGetValue(key, out var layers))
        {
            return null;
        }

        if (!_views.TryGetValue(key, out var view))
        {
            view = new FieldView([.. Path, key], layers);
            _views.Add(key, view);
        }

        return view;
    }
}
