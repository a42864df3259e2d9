namespace Orchestrator.Core;

/// <summary>Reasons in sentences for people.</summary>
public static class ReasonText
{
    /// <summary>A reason as what follows a statement, <c> (because of this)</c>; nothing where there is none.</summary>
    public static string InBrackets(string reason) => reason.Length > 0 ? $" ({reason})" : "";
}
