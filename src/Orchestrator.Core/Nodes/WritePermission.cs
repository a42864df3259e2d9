namespace Orchestrator.Core.Nodes;

/// <summary>Whether a member takes writes.</summary>
public abstract record WritePermission
{
    private WritePermission()
    {
    }

    /// <summary>It does, and stamps them with <paramref name="Term"/>.</summary>
    public sealed record Granted(long Term) : WritePermission;

    /// <summary>Another member is primary; its name and address, both empty when there is none.</summary>
    public sealed record Elsewhere(string Primary, string PrimaryAddress) : WritePermission;

    /// <summary>It is primary and does not take them now.</summary>
    public sealed record Withheld(string Reason) : WritePermission;
}
