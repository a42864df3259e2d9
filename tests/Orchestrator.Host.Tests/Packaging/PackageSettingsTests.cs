using System.Diagnostics;
using System.Text.Json;

namespace Orchestrator.Host.Tests.Packaging;

/// <summary>What the build would make the .NET tool and the container image of, as MSBuild evaluates it: neither is built here.</summary>
public sealed class PackageSettingsTests
{
    [Fact]
    public async Task The_tool_and_the_image_are_made_as_documented()
    {
        var (properties, items) = await Evaluate(
            "-t:ComputeContainerConfig",
            "-getProperty:PackAsTool,IsPackable,PackageId,ToolCommandName,Version,ContainerRepository,ContainerBaseImage,ContainerRegistry,ContainerUser",
            "-getItem:ContainerAppCommand,ContainerPort,ContainerLabel");

        Assert.Equal(("true", "true"), (properties["PackAsTool"], properties["IsPackable"]));
        Assert.Equal(("orchestrator", "orchestrator"), (properties["PackageId"], properties["ToolCommandName"]));
        Assert.Equal("orchestrator", properties["ContainerRepository"]);
        Assert.EndsWith("/dotnet/aspnet:10.0-noble-chiseled", properties["ContainerBaseImage"], StringComparison.Ordinal);
        Assert.Equal("", properties["ContainerRegistry"]);
        Assert.Equal(["/app/orchestrator"], items["ContainerAppCommand"].Keys);
        Assert.Equal(["8080", "8081"], items["ContainerPort"].Keys);
        var labels = items["ContainerLabel"];
        Assert.Equal(properties["Version"], labels["org.opencontainers.image.version"]);
        Assert.Equal("Apache-2.0", labels["org.opencontainers.image.licenses"]);
        Assert.Equal("Compaction orchestrator", labels["org.opencontainers.image.title"]);

        // It is the user, and these are the ports, that the StatefulSet says.
        Assert.Contains($"runAsUser: {properties["ContainerUser"]}", File.ReadAllText(Repository.PathOf("k8s", "base", "statefulset.yaml")), StringComparison.Ordinal);
        Assert.All(items["ContainerPort"].Keys, port =>
            Assert.Contains($"port = {port}", File.ReadAllText(Repository.PathOf("k8s", "base", "orchestrator.conf")), StringComparison.Ordinal));
    }

    /// <returns>Properties, and of each kind of item the values by identity.</returns>
    private static async Task<(Dictionary<string, string> Properties, Dictionary<string, Dictionary<string, string>> Items)> Evaluate(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["msbuild", Repository.PathOf("src", "Orchestrator.Host"), "-nodeReuse:false", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var msbuild = Process.Start(start)!;
        var output = await Task.WhenAll(msbuild.StandardOutput.ReadToEndAsync(), msbuild.StandardError.ReadToEndAsync());
        await msbuild.WaitForExitAsync();
        Assert.True(msbuild.ExitCode == 0, string.Concat(output));
        var root = JsonDocument.Parse(output[0]).RootElement;
        return (
            root.GetProperty("Properties").EnumerateObject().ToDictionary(property => property.Name, property => property.Value.GetString()!),
            root.GetProperty("Items").EnumerateObject().ToDictionary(kind => kind.Name, kind => kind.Value.EnumerateArray().ToDictionary(
                item => item.GetProperty("Identity").GetString()!,
                item => item.TryGetProperty("Value", out var value) ? value.GetString()! : "")));
    }
}
