using System.Reflection;

namespace Orchestrator.Host.Tests.Architecture;

/// <summary>Keeps the arrows of docs/architecture.md: each project references only what it may.</summary>
public sealed class LayeringTests
{
    private static readonly string[] Framework = ["System", "Microsoft.Win32", "netstandard", "mscorlib"];

    [Theory]
    [InlineData("Hocon.Embedded")]
    [InlineData("Orchestrator.Core", "NodaTime")]
    [InlineData("Orchestrator.Storage", "Orchestrator.Core", "Microsoft.Data.Sqlite", "SQLitePCLRaw")]
    [InlineData("Orchestrator.Engines", "Orchestrator.Core", "MongoDB", "DnsClient", "Grpc", "Google.Protobuf")]
    [InlineData("Orchestrator.Embedded", "Orchestrator.Core", "Orchestrator.Storage", "Akka")]
    [InlineData("Orchestrator.Actors", "Orchestrator.Core", "Akka", "Microsoft.Data.Sqlite", "Npgsql")]
    public void References_only_what_its_layer_may(string project, params string[] allowed)
    {
        var path = Path.Combine(AppContext.BaseDirectory, project + ".dll");
        var strangers = Assembly.LoadFrom(path).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !Framework.Concat(allowed).Any(prefix => IsOrIsBelow(name, prefix)))
            .ToList();

        Assert.True(strangers.Count == 0, $"{project} may not reference {string.Join(", ", strangers)}");
    }

    [Fact]
    public void Core_does_no_input_or_output()
    {
        string[] forbidden = ["System.Net", "System.IO.FileSystem", "System.IO.Pipes", "System.Console", "System.Diagnostics.Process", "System.Data"];

        var used = Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "Orchestrator.Core.dll")).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => forbidden.Any(prefix => IsOrIsBelow(name, prefix)))
            .ToList();

        Assert.True(used.Count == 0, $"Orchestrator.Core uses {string.Join(", ", used)}");
    }

    private static bool IsOrIsBelow(string name, string prefix) =>
        name == prefix || name.StartsWith(prefix + ".", StringComparison.Ordinal);
}
