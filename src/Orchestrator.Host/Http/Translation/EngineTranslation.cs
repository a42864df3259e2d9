using Orchestrator.Core.Engines;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http.Translation;

/// <summary>From engines to what the API says of them.</summary>
internal static class EngineTranslation
{
    public static EngineListDto ToDto(this EngineProviders engines) => new([.. engines.List.Select(ToDto)]);

    public static EngineDto ToDto(this IEngineProvider provider)
    {
        var engine = provider.Description;
        var capabilities = engine.Capabilities;
        return new EngineDto(
            engine.Name,
            engine.Title,
            engine.Sentence,
            provider.IsBuiltIn,
            capabilities.Scope.ToText(),
            capabilities.HasPrimary,
            capabilities.EstimatesWithoutCompacting,
            capabilities.ReportsProgress,
            [.. engine.Modes.Select(mode => ToDto(mode, capabilities.InMode(mode.Name)))],
            [.. capabilities.Options.Select(ToDto)],
            engine.Needs);
    }

    private static EngineModeDto ToDto(EngineMode mode, EngineCapabilities capabilities) => new(
        mode.Name,
        mode.Sentence,
        mode.Meanwhile,
        capabilities.Availability.ToText(),
        capabilities.TemporarySpace.ToText(),
        capabilities.CanCancel,
        capabilities.CanPause);

    private static EngineOptionDto ToDto(EngineOption option) => new(
        option.Name,
        option.Kind.ToText(),
        option.Sentence.NullIfEmpty(),
        option.Range,
        option.Default.NullIfEmpty(),
        option.Modes.Count == 0 ? null : option.Modes,
        option.Since.NullIfEmpty(),
        option.Refusal.NullIfEmpty());
}
