using Orchestrator.Core.Engines;
using Orchestrator.Core.Runs.Checks;

namespace Orchestrator.Core.Planning;

/// <summary>
/// Chooses a member's mode where the request leaves it to the planner (<see cref="CompactionOptions.AutoMode"/>): the engine's
/// default, or, where that finds too little temporary space on the member, its first mode that needs none.
/// </summary>
internal static class ModeChoice
{
    public static Candidate For(Candidate candidate, EngineCapabilities capabilities, CompactionOptions options, CompactionPolicy policy)
    {
        if (options.Mode != CompactionOptions.AutoMode || capabilities.Modes.Count == 0)
        {
            return candidate;
        }

        var usual = capabilities.Modes[0];
        var space = MemberChecks.DiskSpace(candidate.Observation, candidate.Units.Max(unit => unit.TemporaryBytes), policy);
        if (space.Passed)
        {
            return candidate with { Mode = usual, ModeReason = $"mode {usual}: there is room for its copy" };
        }

        var frugal = capabilities.Modes.FirstOrDefault(mode =>
            capabilities.InMode(mode) is { TemporarySpace: TemporarySpaceRule.None, Availability: CompactionAvailability.Serving });
        return frugal is null
            ? candidate with { Mode = usual, ModeReason = $"mode {usual}: the engine has none that needs less space" }
            : candidate with
            {
                Units = [.. candidate.Units.Select(unit => unit with { TemporaryBytes = 0 })],
                Mode = frugal,
                ModeReason = $"mode {frugal}, which needs no temporary space: {space.Message}",
            };
    }
}
