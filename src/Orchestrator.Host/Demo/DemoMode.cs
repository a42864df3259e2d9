using System.Text.Json;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;
using Orchestrator.Embedded;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Demo;

/// <summary>How the demo's run compacts, and what follows from it for the demo.</summary>
internal sealed record DemoMode
{
    private readonly EngineCapabilities capabilities;

    private DemoMode(string name)
    {
        Name = name;
        capabilities = EmbeddedCapabilities.Instance.InMode(name);
    }

    /// <summary>Names of all modes; the first is the default.</summary>
    public static IReadOnlyList<string> Names => EmbeddedCapabilities.Instance.Modes;

    public static DemoMode Default { get; } = new(Names[0]);

    public string Name { get; }

    /// <summary>
    /// Whether it works inside the file, on whole free pages. Then the oldest documents are deleted, which leaves such
    /// pages; deletes spread evenly would leave half-empty ones, which only a copy gets rid of.
    /// </summary>
    public bool WorksInPlace => capabilities.TemporarySpace == TemporarySpaceRule.None;

    /// <summary>Whether a file keeps its length and gives its blocks back: then disk usage is what counts.</summary>
    public bool KeepsLength => Name == "release";

    /// <summary>Whether its speed can be limited, so that it can be met at work.</summary>
    public bool CanBeSlowed => capabilities.CanPause;

    /// <returns>Null if there is no such mode.</returns>
    public static DemoMode? Find(string name) => Names.Contains(name, StringComparer.Ordinal) ? new DemoMode(name) : null;

    public override string ToString() => Name;

    /// <summary>The body of the demo's plan and run.</summary>
    /// <param name="maxBytesPerSecond">Limit of the copying rate; null is unlimited.</param>
    public CompactionBody Request(long? maxBytesPerSecond) => new(
        DemoDirectory.ClusterName,
        null,
        new OptionsBody(
            Name == Default.Name ? null : Name,
            null,
            maxBytesPerSecond,
            null,
            null,
            null,
            null)
        {
            EngineOptions = EmbeddedCapabilities.Instance.Find(EmbeddedCapabilities.FreeSpaceTarget)!.Modes.Contains(Name)
                ? new() { [EmbeddedCapabilities.FreeSpaceTarget] = JsonElement.Parse("0") }
                : null,
        });
}
