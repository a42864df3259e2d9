namespace Hocon.Tree;

/// <summary>Where a value was written.</summary>
/// <param name="Source">File (or the name given to an include); null for text without a name.</param>
/// <param name="Line">Line, from 1; 0 when the value does not come from text.</param>
/// <param name="Column">Column in UTF-16 units, from 1; 0 when the value does not come from text.</param>
internal sealed record Origin(string? Source, int Line, int Column)
{
    /// <summary>The origin of values that no text holds, such as an environment variable's.</summary>
    public static Origin None { get; } = new(null, 0, 0);

    /// <summary>"file:line", "line N", or the source alone.</summary>
    public override string ToString() => (Source, Line) switch
    {
        (null, 0) => "(no source)",
        (null, _) => $"line {Line}",
        (_, 0) => Source,
        _ => $"{Source}:{Line}",
    };
}
