namespace Orchestrator.Host.Demo;

/// <summary>How this program is started once more.</summary>
internal static class HostExecutable
{
    /// <summary>
    /// The file to start and its arguments. Where another program contains this one, as tests and benchmarks do, that is what the environment
    /// variable <c>ORCHESTRATOR_EXECUTABLE</c> names, a published executable for example, or else dotnet with the assembly.
    /// </summary>
    public static (string File, IReadOnlyList<string> Arguments) CommandLine(params IReadOnlyList<string> arguments) => CommandLine(null, arguments);

    /// <param name="assembly">Path of another build's assembly to start instead; null for this one.</param>
    public static (string File, IReadOnlyList<string> Arguments) CommandLine(string? assembly, IReadOnlyList<string> arguments)
    {
        var name = typeof(HostExecutable).Assembly.GetName().Name;
        var own = Environment.ProcessPath;
        if (assembly is null && own is not null && NameOf(own) == name)
        {
            return (own, arguments);
        }

        if (assembly is null && Environment.GetEnvironmentVariable("ORCHESTRATOR_EXECUTABLE") is { Length: > 0 } published)
        {
            return (published, arguments);
        }

        var dotnet = own is not null && NameOf(own) == "dotnet" ? own : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        return (dotnet, ["exec", assembly ?? Path.Combine(AppContext.BaseDirectory, $"{name}.dll"), .. arguments]);
    }

    private static string NameOf(string path) => Path.GetFileNameWithoutExtension(path);
}
