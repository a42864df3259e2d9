namespace Orchestrator.Core;

/// <summary>Names that can stand in addresses, files and logs.</summary>
public static class PlainName
{
    private const int MaxLength = 63;

    /// <returns>What is wrong with a name; null if nothing is.</returns>
    public static string? Check(string name) =>
        name.Length is > 0 and <= MaxLength && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? null
            : $"expected a name of 1 to {MaxLength} letters, digits, '-', '_' and '.' that begins with a letter or digit, found \"{name}\"";
}
