namespace Orchestrator.Host.Http.Security;

/// <summary>Who sends a request, and what that one may do.</summary>
/// <param name="Name">As it stands in the audit trail.</param>
internal sealed record Caller(string Name, IReadOnlyList<Grant> Grants)
{
    private const int MaxNameLength = 64;

    private static readonly Grant Everything =
        new(Permission.View | Permission.Operate | Permission.ReadData | Permission.WriteData | Permission.Replicate | Permission.System, null);

    /// <summary>Whoever it is, where nobody has to prove it.</summary>
    /// <param name="claimedName">What the client calls itself; recorded as a claim only.</param>
    public static Caller Unproven(string claimedName)
    {
        var name = new string([.. claimedName.Where(c => c is > ' ' and <= '~').Take(MaxNameLength)]);
        return new Caller(name.Length == 0 ? "anonymous" : $"{name} (unverified)", [Everything]);
    }

    /// <summary>Whether it has the permission in every cluster.</summary>
    public bool MayEverywhere(Permission permission) => Grants.Any(grant => grant.Cluster is null && grant.Permissions.HasFlag(permission));

    /// <summary>Whether it has the permission in at least one cluster.</summary>
    public bool MaySomewhere(Permission permission) => Grants.Any(grant => grant.Permissions.HasFlag(permission));

    /// <summary>The clusters in which it has the permission; null for all.</summary>
    public IReadOnlyList<string>? ClustersWith(Permission permission) => MayEverywhere(permission)
        ? null
        : [.. Grants.Where(grant => grant.Permissions.HasFlag(permission)).Select(grant => grant.Cluster!).Distinct(StringComparer.Ordinal)];

    /// <param name="cluster">Empty or null for everywhere.</param>
    public bool May(Permission permission, string? cluster) => string.IsNullOrEmpty(cluster)
        ? MayEverywhere(permission)
        : Grants.Any(grant => (grant.Cluster is null || grant.Cluster == cluster) && grant.Permissions.HasFlag(permission));
}
