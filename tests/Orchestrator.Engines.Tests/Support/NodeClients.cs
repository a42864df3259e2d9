using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Orchestrator.Engines.Tests.Support;

/// <summary>Runs scripts with the official clients for Node.js that <c>npm ci --prefix tests/data</c> installs.</summary>
internal static class NodeClients
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The lines that the script writes; the test is skipped where the package is missing, unless it is required.</summary>
    public static async Task<IReadOnlyList<string>> Run(string package, string script, params IReadOnlyList<string> arguments)
    {
        var isRequired = (Environment.GetEnvironmentVariable("ORCHESTRATOR_REQUIRE") ?? "").Split(',').Contains("npm");
        var isInstalled = Directory.Exists(Path.Combine(Data(), "node_modules", package));
        Assert.True(isInstalled || !isRequired, "the clients are missing: npm ci --prefix tests/data");
        Skip.IfNot(isInstalled, "the clients are missing: npm ci --prefix tests/data");
        var start = new ProcessStartInfo("node", ["-e", script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NODE_PATH"] = Path.Combine(Data(), "node_modules");
        start.Environment["HOME"] = Path.GetTempPath();
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return [.. (output.Length > 0 ? output : await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
    }

    private static string Data([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "data"));
}
