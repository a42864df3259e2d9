namespace Orchestrator.Core;

/// <summary>Reasons in sentences for people.</summary>
public static class ReasonText
{
    /// <summary>A reason as what follows a statement, <c> (because of this)</c>; nothing where there is none.</summary>
    public static string InBrackets(string reason) => reason.Length > 0 ? $" ({reason})" : "";

    /// <summary>A reason as a sentence of its own: with a capital letter and one full stop.</summary>
    public static string Sentence(string reason) => Capital(reason.EndsWith('.') ? reason : $"{reason}.");

    /// <summary>The text with a capital letter at its beginning.</summary>
    public static string Capital(string text) => text.Length > 0 ? char.ToUpperInvariant(text[0]) + text[1..] : "";
}
