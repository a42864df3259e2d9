namespace Orchestrator.Engines.Tests.Support;

/// <summary>Whether etcd is on this machine.</summary>
internal static class Installed
{
    private static readonly bool HasEtcd = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(directory => directory.Length > 0 && File.Exists(Path.Combine(directory, "etcd")));

    /// <summary>The test is skipped without etcd, unless it is required.</summary>
    public static void RequireEtcd()
    {
        var isRequired = (Environment.GetEnvironmentVariable("ORCHESTRATOR_REQUIRE") ?? "").Split(',').Contains("etcd");
        Assert.True(HasEtcd || !isRequired, "etcd is missing: apt-get install etcd-server etcd-client");
        Skip.IfNot(HasEtcd, "etcd is missing: apt-get install etcd-server etcd-client");
    }
}
