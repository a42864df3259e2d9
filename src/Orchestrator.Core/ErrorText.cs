using System.Text.RegularExpressions;

namespace Orchestrator.Core;

/// <summary>Keeps the texts of the platform away from people: names of parameters and types say nothing to them.</summary>
public static partial class ErrorText
{
    /// <summary>What people read in place of a text of the platform.</summary>
    public const string Unexpected = "an unexpected error; the log has the details";

    /// <summary>An exception's message without the name of a parameter.</summary>
    public static string Of(Exception exception) => WithoutParameter(exception.Message);

    /// <summary>The last net: a text as it may be shown.</summary>
    /// <param name="text">What was to be shown.</param>
    /// <param name="isForPeople">Whether it could be shown; if not, the text belongs in a log.</param>
    public static string Shown(string text, out bool isForPeople)
    {
        var plain = WithoutParameter(text);
        isForPeople = !Platform().IsMatch(plain);
        return isForPeople ? plain : Unexpected;
    }

    private static string WithoutParameter(string text) => Parameter().Replace(text, "").TrimEnd();

    [GeneratedRegex(@"\s*\(Parameter '[^']*'\)", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();

    [GeneratedRegex(
        @"\bSystem\.[A-Z]\w+|Index and length must refer|Index was out(side| of)|Object reference not set|Value cannot be null"
        + "|Specified argument was out of|Nullable object must|Sequence contains|Exception of type|The given key '|Input string was not in a correct|Unable to cast object",
        RegexOptions.CultureInvariant)]
    private static partial Regex Platform();
}
