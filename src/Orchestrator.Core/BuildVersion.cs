using System.Reflection;

namespace Orchestrator.Core;

/// <summary>Version of this build.</summary>
public static class BuildVersion
{
    private static readonly string[] Parts =
        typeof(BuildVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+');

    /// <summary>By semantic versioning, without what follows a plus sign.</summary>
    public static string Number => Parts[0];

    /// <summary>The commit that was built; empty if unknown.</summary>
    public static string Commit => Parts.ElementAtOrDefault(1) ?? "";
}
