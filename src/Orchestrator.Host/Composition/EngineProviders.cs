using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;
using Orchestrator.Embedded;
using Orchestrator.Engines.CouchDb;
using Orchestrator.Engines.Etcd;
using Orchestrator.Engines.Milvus;
using Orchestrator.Engines.MongoDb;
using Orchestrator.Engines.RavenDb;

namespace Orchestrator.Host.Composition;

/// <summary>The engines of a process. The only place outside an engine's folder that knows which there are.</summary>
internal sealed class EngineProviders(IReadOnlyList<IEngineProvider> providers)
{
    /// <summary>Those that the executable offers.</summary>
    public static EngineProviders All { get; } = new(
    [
        new EmbeddedProvider(),
        new EtcdProvider(),
        new MongoDbProvider(),
        new CouchDbProvider(),
        new RavenDbProvider(),
        new MilvusProvider(),
    ]);

    /// <summary>In the order in which they are shown.</summary>
    public IReadOnlyList<EngineDescription> Descriptions { get; } = [.. providers.Select(provider => provider.Description)];

    /// <summary>Names in settings and answers.</summary>
    public IReadOnlyList<string> Names { get; } = [.. providers.Select(provider => provider.Description.Name)];

    /// <summary>The database that comes with the orchestrator.</summary>
    public IEngineProvider BuiltIn { get; } = providers.Single(provider => provider.IsBuiltIn);

    public IReadOnlyList<IEngineProvider> List => providers;

    /// <summary>Sources of spans of the drivers' libraries.</summary>
    public IEnumerable<string> TraceSources => providers.SelectMany(provider => provider.TraceSources);

    /// <summary>
    /// The options that only drivers understand, each once: as an engine declares it that has it, or else as one does that refuses it.
    /// </summary>
    public IReadOnlyList<EngineOption> DriverOptions { get; } = Once(
    [
        .. providers.SelectMany(provider => provider.Description.Capabilities.Options).Where(option => !OptionCheck.Own.Contains(option.Name)),
    ]);

    /// <summary>Names of the engines that have an option.</summary>
    public IReadOnlyList<string> Having(EngineOption option) =>
        [.. Descriptions.Where(engine => engine.Capabilities.Find(option.Name) is not null).Select(engine => engine.Name)];

    /// <summary>These and one more.</summary>
    public EngineProviders With(IEngineProvider provider) => new([.. providers, provider]);

    // Sorted by hand: sorting by a flag is compiled only at the start of each command, which takes longer than all else here.
    private static IReadOnlyList<EngineOption> Once(IReadOnlyList<EngineOption> options) =>
        [.. options.Where(option => option.Refusal.Length == 0).Concat(options.Where(option => option.Refusal.Length > 0)).DistinctBy(option => option.Name)];
}
