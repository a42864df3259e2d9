namespace Hocon.Tree;

/// <summary>Bounds that keep every input from exhausting the stack, the memory or the reader's patience.</summary>
internal static class Limits
{
    /// <summary>Nested objects, arrays and path elements, as written and after substitution.</summary>
    public const int Depth = 200;

    /// <summary>Substitutions that lead to one another, together with the nesting they happen in.</summary>
    public const int ResolutionDepth = 600;

    /// <summary>Values plus characters of the resolved tree; sharing by substitution counts each use.</summary>
    public const long Weight = 20_000_000;

    /// <summary>Values and characters moved while substitutions are resolved.</summary>
    public const long Work = 100_000_000;

    /// <summary>Files included into one another.</summary>
    public const int IncludeDepth = 32;

    /// <summary>Include statements carried out for one configuration.</summary>
    public const int Includes = 1_000;

    /// <summary>Characters of one text.</summary>
    public const int TextLength = 16 * 1024 * 1024;
}
