using System.Diagnostics;

namespace Orchestrator.Engines.Tests.Support;

/// <summary>Runs the official clients for Node.js that <c>npm ci --prefix tests/data</c> installs.</summary>
internal static class NodeClients
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    /// <summary>Runs a script that uses a package.</summary>
    /// <returns>The lines that it writes; those of its errors when it writes no others.</returns>
    public static async Task<IReadOnlyList<string>> Run(string package, string script, params IReadOnlyList<string> arguments)
    {
        Installed.RequireNpm(package);
        var start = new ProcessStartInfo("node", ["--no-deprecation", "-e", script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NODE_PATH"] = Installed.NpmPackage("");
        start.Environment["HOME"] = Path.GetTempPath();
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return [.. (output.Length > 0 ? output : await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
    }
}
