namespace Orchestrator.Tests;

/// <summary>
/// What tests need beside .NET. A test is skipped where its component is missing, and fails there if the environment variable
/// ORCHESTRATOR_REQUIRE names the component, as in <c>etcd,npm</c>.
/// </summary>
internal static class Installed
{
    public static void RequireEtcd() => RequireProgram("etcd", "etcd", "apt-get install etcd-server etcd-client");

    /// <param name="package">Of tests/data/package.json; its folder is <see cref="NpmPackage"/>.</param>
    public static void RequireNpm(string package) =>
        Require("npm", Directory.Exists(NpmPackage(package)), $"the npm package {package} is missing: npm ci --prefix tests/data");

    public static string NpmPackage(string package) => Repository.PathOf("tests", "data", "node_modules", package);

    /// <param name="program">Must be in a folder of PATH.</param>
    /// <param name="remedy">The command that installs it.</param>
    public static void RequireProgram(string component, string program, string remedy)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        Require(component, folders.Any(folder => File.Exists(Path.Combine(folder, program))), $"{program} is missing: {remedy}");
    }

    public static void Require(string component, bool isThere, string message)
    {
        var isRequired = (Environment.GetEnvironmentVariable("ORCHESTRATOR_REQUIRE") ?? "").Split(',').Contains(component);
        Assert.True(isThere || !isRequired, message);
        Skip.IfNot(isThere, message);
    }
}
