namespace Orchestrator.Host.Http.Security;

/// <summary>What a request may need.</summary>
[Flags]
internal enum Permission
{
    None = 0,

    /// <summary>See clusters, plans, runs, schedules, freezes, holds, explanations and the audit trail.</summary>
    View = 1,

    /// <summary>Start and control runs, move primaries, freeze, hold.</summary>
    Operate = 2,

    /// <summary>Read the documents of the embedded engine.</summary>
    ReadData = 4,

    /// <summary>Write the documents of the embedded engine and define its indexes.</summary>
    WriteData = 8,

    /// <summary>Read the change feed as a member of the replica set, which decides what counts as confirmed.</summary>
    Replicate = 16,

    /// <summary>See and maintain the collections that nodes keep for themselves, beside the permission for what is done to them.</summary>
    System = 32,
}

/// <summary>The roles by which permissions are given.</summary>
internal static class Roles
{
    /// <summary>Of the processes of a cluster among themselves; nobody can be given it.</summary>
    public const Permission Member = Permission.Replicate | Permission.ReadData | Permission.System;

    private static readonly Dictionary<string, Permission> Named = new(StringComparer.Ordinal)
    {
        ["viewer"] = Permission.View,
        ["operator"] = Permission.View | Permission.Operate,
        ["reader"] = Permission.ReadData,
        ["writer"] = Permission.ReadData | Permission.WriteData,
        ["admin"] = Permission.View | Permission.Operate | Permission.ReadData | Permission.WriteData | Permission.System,
    };

    public static IEnumerable<string> Names => Named.Keys;

    /// <summary>Reads <c>role</c>, for all clusters, or <c>role:cluster</c>.</summary>
    /// <returns>The grant; null if there is no such role.</returns>
    public static Grant? Read(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (role, cluster) = colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
        return cluster is not "" && Named.TryGetValue(role, out var permissions) ? new Grant(permissions, cluster) : null;
    }
}

/// <summary>Permissions in one cluster, or in all of them.</summary>
/// <param name="Cluster">Null for all.</param>
internal sealed record Grant(Permission Permissions, string? Cluster);
