using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Planning;

/// <summary>Options that only some engines understand: asked of another engine they are refused, never ignored.</summary>
public static class EngineOptions
{
    /// <summary>Name of <see cref="CompactionOptions.PaddingFactor"/> in a request.</summary>
    public const string PaddingFactor = "paddingFactor";

    /// <summary>Name of <see cref="CompactionOptions.PaddingBytes"/> in a request.</summary>
    public const string PaddingBytes = "paddingBytes";

    /// <summary>Name of <see cref="CompactionOptions.CompactHistory"/> in a request.</summary>
    public const string CompactHistory = "compactHistory";

    /// <summary>Name of <see cref="CompactionOptions.DisarmNoSpace"/> in a request.</summary>
    public const string DisarmNoSpace = "disarmNoSpace";

    /// <summary>Name of <see cref="CompactionOptions.IncludeLearners"/> in a request.</summary>
    public const string IncludeLearners = "includeLearners";

    /// <summary>Name of <see cref="CompactionOptions.DiscardPartial"/> in a request.</summary>
    public const string DiscardPartial = "discardPartial";

    /// <summary>Name of <see cref="CompactionOptions.Verify"/> in a request.</summary>
    public const string Verify = "verify";

    /// <summary>Name of <see cref="CompactionOptions.MaxBytesPerSecond"/> in a request.</summary>
    public const string MaxBytesPerSecond = "maxBytesPerSecond";

    /// <summary>Name of <see cref="CompactionOptions.FreeSpaceTargetMB"/> in a request.</summary>
    public const string FreeSpaceTargetMB = "freeSpaceTargetMB";

    private static readonly (string Name, Predicate<CompactionOptions> IsGiven, string Reason)[] Special =
    [
        (PaddingFactor, options => options.PaddingFactor > 0, "it does not update records in place, so padding would only take space"),
        (PaddingBytes, options => options.PaddingBytes >= 0, "it does not update records in place, so padding would only take space"),
        (CompactHistory, options => options.CompactHistory > 0, "it keeps no history of revisions that could be shortened"),
        (DisarmNoSpace, options => options.DisarmNoSpace, "it has no out-of-space alarm that could be cleared"),
        (IncludeLearners, options => options.IncludeLearners, "its replica sets have no learners"),
        (DiscardPartial, options => options.DiscardPartial, "its compactions leave no partial copy"),
        (MaxBytesPerSecond, options => options.MaxBytesPerSecond > 0, "the rate of its compactions cannot be limited"),
        (FreeSpaceTargetMB, options => options.FreeSpaceTargetMB != CompactionOptions.DefaultFreeSpaceTargetMB, "it has no mode that leaves a chosen part of the free space"),
        (Verify, options => options.Verify, "it has no verification"),
    ];

    /// <summary>The options that are given although the engine does not understand them, each with the reason.</summary>
    public static IEnumerable<PlanProblem> Refused(string engine, EngineCapabilities capabilities, CompactionOptions options) => Special
        .Where(special => special.IsGiven(options) && !capabilities.Options.Contains(special.Name))
        .Select(special => new PlanProblem(
            FailureCode.Invalid, special.Name, $"{special.Name} is not possible with engine '{engine}': {special.Reason}"));
}
