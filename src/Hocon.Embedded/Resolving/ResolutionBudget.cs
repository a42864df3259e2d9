using System.Runtime.CompilerServices;
using Hocon.Tree;

namespace Hocon.Resolving;

/// <summary>Bounds the time, memory and stack that resolving substitutions may take.</summary>
internal sealed class ResolutionBudget
{
    private long _work;
    private int _depth;

    /// <summary>Counts values or characters that are handled.</summary>
    public void Spend(Origin origin, long amount)
    {
        if ((_work += amount) > Limits.Work)
        {
            throw new HoconParserException(origin, "substitutions multiply the configuration beyond what can be handled");
        }
    }

    /// <summary>Runs a step that is one level deeper.</summary>
    public T Deeper<T>(Func<Origin> origin, Func<T> step)
    {
        if (_depth >= Limits.ResolutionDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new HoconParserException(origin(), "substitutions lead too deep: is there a cycle, or an object that contains itself?");
        }

        _depth++;
        try
        {
            return step();
        }
        finally
        {
            _depth--;
        }
    }

    /// <summary>Refuses a value that is too big or nested too deep.</summary>
    public T Check<T>(T node)
        where T : ConfigNode
    {
        if (node.Depth > Limits.Depth)
        {
            throw new HoconParserException(node.Origin, $"with its substitutions the value is nested deeper than {Limits.Depth}");
        }

        if (node.Weight > Limits.Weight)
        {
            throw new HoconParserException(node.Origin, $"with its substitutions the value has more than {Limits.Weight} values and characters");
        }

        return node;
    }
}
