using System.Runtime.CompilerServices;

namespace Orchestrator.Kubernetes.Tests.Support;

/// <summary>Files of the repository.</summary>
internal static class RepositoryFiles
{
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.GetFullPath(Path.Combine([Path.GetDirectoryName(Here())!, "..", "..", "..", .. parts]));

    private static string Here([CallerFilePath] string file = "") => file;
}
