using Hocon.Tree;

namespace Hocon;

/// <summary>A configuration whose root is an object. Immutable.</summary>
public class Config : HoconRoot
{
    internal Config(ObjectNode tree)
        : base(tree)
    {
    }

    /// <summary>A configuration without values.</summary>
    public static Config Empty { get; } = new(ObjectNode.Empty);

    /// <summary>Whether there is no value.</summary>
    public virtual bool IsEmpty => Tree.Count == 0;

    /// <summary>The object at a path as a configuration of its own; an empty one when there is none.</summary>
    /// <exception cref="HoconValueException">There is a value that is no object.</exception>
    public virtual Config GetConfig(string path)
    {
        if (!TryFind(path, out var node))
        {
            return Empty;
        }

        return node is ObjectNode fields
            ? new Config(fields)
            : throw new HoconValueException($"{path} ({node.Origin}): expected an object, found {node.Description}", path, new InvalidCastException());
    }

    /// <summary>This configuration, with what it lacks taken from another.</summary>
    public virtual Config WithFallback(Config fallback)
    {
        ArgumentNullException.ThrowIfNull(fallback);
        return new Config(Tree.WithFallback(fallback.Tree));
    }
}
