using Hocon.Parsing;
using Hocon.Tree;

namespace Hocon.Resolving;

/// <summary>
/// Resolves substitutions, lazily and each field once. A field is first expanded to its shape, then its parts are
/// resolved; a substitution only expands what lies on its path. A substitution that meets the field being expanded
/// looks back at that field's earlier values, which is how HOCON defines self-reference.
/// </summary>
internal sealed class Resolver
{
    private readonly ResolutionBudget _budget = new();
    private readonly ObjectShape _root;
    private readonly Concatenator _concatenator;
    private readonly Func<string, string?> _environment;

    private Resolver(RawObject root, Func<string, string?> environment)
    {
        _environment = environment;
        _concatenator = new Concatenator(_budget, shape => ResolveObject(shape));
        _root = ShapeOf(root, []);
    }

    /// <summary>Resolves a whole configuration.</summary>
    /// <param name="root">What was parsed.</param>
    /// <param name="environment">Looked up where a substitution finds nothing in the configuration.</param>
    /// <exception cref="HoconParserException">A substitution finds nothing, leads in a circle, or parts do not fit together.</exception>
    public static ObjectNode Resolve(RawObject root, Func<string, string?> environment)
    {
        var resolver = new Resolver(root, environment);
        return resolver.ResolveObject(resolver._root);
    }

    private ConfigNode? Resolve(FieldView view)
    {
        if (view.Resolved)
        {
            return view.Value;
        }

        if (view.Resolving)
        {
            throw new HoconParserException(OriginOf(view), $"{PathExpression.Render(view.Path)} contains itself: its substitutions form a cycle");
        }

        view.Resolving = true;
        view.Value = _budget.Deeper(() => OriginOf(view), () => Expand(view) switch
        {
            LeafShape leaf => leaf.Value,
            ObjectShape { Alias: { } target } when !ReferenceEquals(target, view) => Resolve(target),
            ObjectShape shape => ResolveObject(shape),
            _ => null,
        });
        view.Resolving = false;
        view.Resolved = true;
        return view.Value;
    }

    private ObjectNode ResolveObject(ObjectShape shape)
    {
        var fields = new OrderedDictionary<string, ConfigNode>();
        foreach (var key in shape.Children.Keys)
        {
            _budget.Spend(shape.Origin, 1);
            if (Resolve(shape.View(key)!) is { } value)
            {
                fields.Add(key, value);
            }
        }

        return _budget.Check(new ObjectNode(shape.Origin, fields));
    }

    /// <summary>The shape of a field; while one of its layers is being expanded, of the layers before that.</summary>
    private Shape Expand(FieldView view)
    {
        var last = view.Active >= 0 ? view.Active - 1 : view.Layers.Count - 1;
        return last < 0 ? UndefinedShape.Instance : ExpandTo(view, last);
    }

    private Shape ExpandTo(FieldView view, int last)
    {
        // Layers that build on the one before are expanded from the oldest on, so that a long list of += needs no deep recursion.
        var first = last;
        while (first > 0 && view.Shapes[first] is null && BuildsOnEarlier(view, first))
        {
            first--;
        }

        for (var i = first; i <= last; i++)
        {
            view.Shapes[i] ??= _budget.Deeper(() => OriginOf(view), () => ExpandLayer(view, i));
        }

        return view.Shapes[last]!;
    }

    private Shape ExpandLayer(FieldView view, int index)
    {
        var outer = view.Active;
        view.Active = index;
        Shape shape;
        try
        {
            shape = view.Layers[index] switch
            {
                ReferenceLayer reference => AsReference(reference.Target),
                RawLayer raw => ExpandValue(raw.Value, view),
                _ => throw new InvalidOperationException("unknown layer"),
            };
        }
        finally
        {
            view.Active = outer;
        }

        return (shape, index) switch
        {
            (_, 0) => shape,
            (UndefinedShape, _) => ExpandTo(view, index - 1),
            (ObjectShape own, _) => ExpandTo(view, index - 1) is ObjectShape earlier ? _concatenator.Merge(view.Path, earlier, own) : own,
            _ => shape,
        };
    }

    private Shape ExpandValue(RawValue value, FieldView view)
    {
        _budget.Spend(value.Origin, 1);
        return value switch
        {
            RawScalar scalar => new LeafShape(new ScalarNode(scalar.Origin, scalar.Text, scalar.Kind)),
            RawArray array => new LeafShape(ExpandArray(array, view.Path)),
            RawObject fields => ShapeOf(fields, view.Path),
            RawSubstitution substitution => Substitute(substitution),
            RawAppend append => _concatenator.Append(append.Origin, Expand(view), ExpandArray(new RawArray(append.Origin, [append.Element]), view.Path)),
            RawConcatenation parts => _concatenator.Join(
                parts.Origin,
                view.Path,
                [.. parts.Parts.Select(part => part is RawSpace space ? new Part(null, space.Text) : new Part(ExpandValue(part, view), ""))]),
            _ => throw new InvalidOperationException($"unexpected {value.GetType().Name}"),
        };
    }

    private ArrayNode ExpandArray(RawArray array, IReadOnlyList<string> path)
    {
        var items = new List<ConfigNode>();
        for (var i = 0; i < array.Items.Count; i++)
        {
            var element = new FieldView([.. path, $"[{i}]"], [new RawLayer(array.Items[i])]);
            if (Resolve(element) is { } item)
            {
                items.Add(item);
            }
        }

        return _budget.Check(new ArrayNode(array.Origin, items));
    }

    private Shape Substitute(RawSubstitution substitution)
    {
        var circular = false;
        foreach (var path in substitution.Candidates)
        {
            if (Lookup(path) is not { } target)
            {
                continue;
            }

            circular |= target.Active == 0;
            var shape = AsReference(target);
            if (shape is not UndefinedShape)
            {
                return shape;
            }
        }

        if (EnvironmentValue(substitution) is { } value)
        {
            return new LeafShape(value);
        }

        return substitution.Optional
            ? UndefinedShape.Instance
            : throw new HoconParserException(substitution.Origin, circular
                ? $"{substitution} leads back to the field it is part of, which has no earlier value: a cycle"
                : $"{substitution} is neither a path in the configuration nor an environment variable; ${{?...}} makes it optional");
    }

    /// <summary>The field at a path, expanding only what lies on the way; null when there is none.</summary>
    private FieldView? Lookup(IReadOnlyList<string> path)
    {
        var current = _root;
        for (var i = 0; ; i++)
        {
            var view = current.View(path[i]);
            if (view is null || i == path.Count - 1)
            {
                return view;
            }

            if (Expand(view) is not ObjectShape next)
            {
                return null;
            }

            current = next;
        }
    }

    /// <summary>Another field's shape as a layer's: an object's fields refer to the other object's fields.</summary>
    private Shape AsReference(FieldView target)
    {
        var whole = target.Active < 0;
        if (Expand(target) is not ObjectShape shape)
        {
            return Expand(target);
        }

        _budget.Spend(shape.Origin, shape.Children.Count);
        var children = new OrderedDictionary<string, List<Layer>>();
        foreach (var key in shape.Children.Keys)
        {
            children.Add(key, [new ReferenceLayer(shape.View(key)!)]);
        }

        return new ObjectShape(shape.Origin, target.Path, children) { Alias = whole ? target : null };
    }

    private ConfigNode? EnvironmentValue(RawSubstitution substitution)
    {
        var name = string.Join('.', substitution.Path);
        if (!substitution.List)
        {
            return Variable(name);
        }

        var items = new List<ConfigNode>();
        while (Variable($"{name}_{items.Count}") is { } item)
        {
            items.Add(item);
        }

        return items.Count == 0 ? null : new ArrayNode(Origin.None, items);
    }

    private ScalarNode? Variable(string name)
    {
        // A name with one of these would make the platform throw instead of finding nothing.
        var text = name.Length == 0 || name.Contains('\0') || name.Contains('=') ? null : _environment(name);
        return text is null ? null : new ScalarNode(new Origin($"environment variable {name}", 0, 0), text, ScalarKind.Unquoted);
    }

    private ObjectShape ShapeOf(RawObject fields, IReadOnlyList<string> path)
    {
        _budget.Spend(fields.Origin, fields.Fields.Count);
        var children = new OrderedDictionary<string, List<Layer>>();
        foreach (var (key, field) in fields.Fields)
        {
            children.Add(key, [.. field.Layers.Select(layer => new RawLayer(layer))]);
        }

        return new ObjectShape(fields.Origin, path, children);
    }

    /// <summary>Whether a layer certainly needs the one before: an append, or a substitution of the field itself.</summary>
    private static bool BuildsOnEarlier(FieldView view, int index) => view.Layers[index] is RawLayer { Value: var value } && value switch
    {
        RawAppend => true,
        RawSubstitution substitution => substitution.Candidates.Any(path => path.SequenceEqual(view.Path)),
        RawConcatenation parts => parts.Parts.OfType<RawSubstitution>().Any(part => part.Candidates.Any(path => path.SequenceEqual(view.Path))),
        _ => false,
    };

    private static Origin OriginOf(FieldView view)
    {
        for (var i = 0; i < Limits.ResolutionDepth && view.Layers[^1] is ReferenceLayer reference; i++)
        {
            view = reference.Target;
        }

        return view.Layers[^1] is RawLayer raw ? raw.Value.Origin : Origin.None;
    }
}
