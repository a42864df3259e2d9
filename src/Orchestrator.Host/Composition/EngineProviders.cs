using Orchestrator.Core.Engines;
using Orchestrator.Embedded;
using Orchestrator.Engines.Etcd;

namespace Orchestrator.Host.Composition;

/// <summary>The engines of a process. The only place outside an engine's folder that knows which there are.</summary>
internal sealed class EngineProviders(IReadOnlyList<IEngineProvider> providers)
{
    /// <summary>Those that the executable offers.</summary>
    public static EngineProviders All { get; } = new(
    [
        new EmbeddedProvider(),
        new EtcdProvider(),
    ]);

    /// <summary>In the order in which they are shown.</summary>
    public IReadOnlyList<EngineDescription> Descriptions { get; } = [.. providers.Select(provider => provider.Description)];

    /// <summary>Names in settings and answers.</summary>
    public IReadOnlyList<string> Names { get; } = [.. providers.Select(provider => provider.Description.Name)];

    /// <summary>The database that comes with the orchestrator.</summary>
    public IEngineProvider BuiltIn { get; } = providers.Single(provider => provider.IsBuiltIn);

    public IReadOnlyList<IEngineProvider> List => providers;

    /// <summary>These and one more.</summary>
    public EngineProviders With(IEngineProvider provider) => new([.. providers, provider]);
}
