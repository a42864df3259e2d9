using Orchestrator.Core.Engines;
using Orchestrator.Core.Runs.Checks;

namespace Orchestrator.Core.Planning;

/// <summary>
/// Chooses a member's mode where the request leaves it to the planner (<see cref="CompactionOptions.AutoMode"/>): the engine's
/// default, or, where that finds too little temporary space on the member, its first mode that needs none.
/// </summary>
public static class ModeChoice
{
    /// <summary>The request with the policy's mode where it names none. Engines, and members, that do not have that mode keep their own default.</summary>
    public static CompactionRequest WithDefault(CompactionRequest request, ClusterSnapshot snapshot, CompactionPolicy policy) =>
        request.Options.Mode.Length == 0
        && policy.Mode.Length > 0
        && snapshot.AllCapabilities.Any(can => can.Modes.Contains(policy.Mode) || (policy.Mode == CompactionOptions.AutoMode && can.Modes.Count > 0))
            ? request with { Options = request.Options with { Mode = policy.Mode } }
            : request;

    /// <summary>The first mode that needs no temporary space and serves meanwhile; empty if there is none.</summary>
    public static string Frugal(EngineCapabilities capabilities) => capabilities.Modes.FirstOrDefault(
        mode => capabilities.InMode(mode) is { TemporarySpace: TemporarySpaceRule.None, Availability: CompactionAvailability.Serving }, "");

    /// <summary>The mode that a plan has chosen for a member although its snapshot has no estimates of it; empty if there is none.</summary>
    public static string WithoutEstimate(CompactionPlan plan, ClusterSnapshot snapshot)
    {
        if (plan.Request.Options.Mode != CompactionOptions.AutoMode || snapshot.Members.Any(member => member.FrugalUnits is not null))
        {
            return "";
        }

        var members = snapshot.Members.ToDictionary(member => member.Observation.Node, snapshot.CapabilitiesOf, StringComparer.Ordinal);
        return plan.Steps.OfType<CompactMemberStep>()
            .Where(step => members.GetValueOrDefault(step.Node) is { EstimatesWithoutCompacting: true } can && step.Mode == Frugal(can))
            .Select(step => step.Mode)
            .FirstOrDefault("");
    }

    /// <param name="isDefault">Whether the mode is the policy's, since the request named none.</param>
    internal static Candidate For(
        Candidate candidate, EngineCapabilities capabilities, CompactionOptions options, CompactionPolicy policy, bool isDefault)
    {
        if (options.Mode != CompactionOptions.AutoMode || capabilities.Modes.Count == 0)
        {
            return !isDefault || capabilities.Modes.Count == 0 ? candidate
                : capabilities.Modes.Contains(options.Mode) ? candidate with { Mode = options.Mode, ModeReason = $"mode {options.Mode}, the configured default" }
                : candidate with { Mode = capabilities.Modes[0], ModeReason = $"mode {capabilities.Modes[0]}: it does not have {options.Mode}, the configured default" };
        }

        var usual = capabilities.Modes[0];
        var space = MemberChecks.DiskSpace(candidate.Observation, candidate.Units.Max(unit => unit.TemporaryBytes), policy);
        if (!space.Failed)
        {
            return candidate with { Mode = usual, ModeReason = $"mode {usual}: there is room for its copy" };
        }

        var frugal = Frugal(capabilities);
        return frugal.Length == 0
            ? candidate with { Mode = usual, ModeReason = $"mode {usual}: the engine has none that needs less space" }
            : candidate with
            {
                Units = [.. candidate.Units.Select(unit => unit with { TemporaryBytes = 0 })],
                Mode = frugal,
                ModeReason = $"mode {frugal}, which needs no temporary space: {space.Message}",
            };
    }
}
