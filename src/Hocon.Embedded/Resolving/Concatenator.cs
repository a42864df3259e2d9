using Hocon.Tree;

namespace Hocon.Resolving;

/// <summary>Part of a concatenation: a value, or the space between two values.</summary>
internal sealed record Part(Shape? Shape, string Space);

/// <summary>Joins values that stand side by side: text with text, arrays with arrays, objects with objects.</summary>
internal sealed class Concatenator(ResolutionBudget budget, Func<ObjectShape, ObjectNode> resolveObject)
{
    /// <summary>Joins the parts of a value; parts that are undefined count as empty, all undefined gives undefined.</summary>
    public Shape Join(Origin origin, IReadOnlyList<string> path, IReadOnlyList<Part> parts)
    {
        var defined = parts.Select(part => part.Shape).Where(shape => shape is not (null or UndefinedShape)).ToList();
        if (defined.Count == 0)
        {
            return UndefinedShape.Instance;
        }

        if (defined.All(shape => shape is LeafShape { Value: ScalarNode }))
        {
            return JoinText(origin, parts);
        }

        return defined.Aggregate((left, right) => JoinPair(origin, path, left!, right!))!;
    }

    /// <summary>Adds elements to what a field held before; nothing before counts as an empty array.</summary>
    public Shape Append(Origin origin, Shape before, ArrayNode added) =>
        before is UndefinedShape ? new LeafShape(added) : JoinPair(origin, [], before, new LeafShape(added));

    /// <summary>Two objects as one: fields of both get the later's values after the earlier's.</summary>
    public ObjectShape Merge(IReadOnlyList<string> path, ObjectShape earlier, ObjectShape later)
    {
        budget.Spend(later.Origin, earlier.Children.Count + later.Children.Count);
        var children = new OrderedDictionary<string, List<Layer>>();
        foreach (var (key, layers) in earlier.Children)
        {
            children.Add(key, layers);
        }

        foreach (var (key, layers) in later.Children)
        {
            budget.Spend(later.Origin, layers.Count);
            children[key] = children.TryGetValue(key, out var before) ? [.. before, .. layers] : layers;
        }

        return new ObjectShape(earlier.Origin, path, children);
    }

    private Shape JoinPair(Origin origin, IReadOnlyList<string> path, Shape left, Shape right)
    {
        if (left is ObjectShape leftObject && right is ObjectShape rightObject)
        {
            return Merge(path, leftObject, rightObject);
        }

        if (AsArray(left) is { } leftArray && AsArray(right) is { } rightArray)
        {
            budget.Spend(origin, leftArray.Items.Count + rightArray.Items.Count);
            return new LeafShape(budget.Check(new ArrayNode(leftArray.Origin, [.. leftArray.Items, .. rightArray.Items])));
        }

        throw new HoconParserException(origin, $"cannot join {Describe(left)} and {Describe(right)}: expected only texts, only arrays or only objects side by side");
    }

    /// <summary>An array as it is, or an object with whole numbers as keys.</summary>
    private ArrayNode? AsArray(Shape shape) => shape switch
    {
        LeafShape { Value: ArrayNode array } => array,
        ObjectShape fields => resolveObject(fields).AsArray(),
        _ => null,
    };

    private LeafShape JoinText(Origin origin, IReadOnlyList<Part> parts)
    {
        var scalars = parts.Select(part => part.Shape).OfType<LeafShape>().Select(leaf => (ScalarNode)leaf.Value).ToList();
        budget.Spend(origin, parts.Sum(part => part.Space.Length) + scalars.Sum(scalar => (long)scalar.Text.Length));
        var text = string.Concat(parts.Select(part => part.Shape is LeafShape { Value: ScalarNode scalar } ? scalar.Text : part.Space));
        if (scalars is [var only] && only.Text.Length == text.Length)
        {
            return new LeafShape(only);
        }

        var kind = scalars.Any(scalar => scalar.Kind == ScalarKind.Quoted) ? ScalarKind.Quoted : ScalarKind.Unquoted;
        return new LeafShape(budget.Check(new ScalarNode(origin, text, kind)));
    }

    private static string Describe(Shape shape) => shape switch
    {
        LeafShape leaf => leaf.Value.Description,
        _ => "an object",
    };
}
