using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Planning;

/// <summary>Options that not every engine has: where the engine, its mode or its version lacks one it is refused, never ignored.</summary>
public static class OptionCheck
{
    /// <summary>Name of <see cref="CompactionOptions.MaxBytesPerSecond"/> in a request.</summary>
    public const string MaxBytesPerSecond = "maxBytesPerSecond";

    /// <summary>Name of <see cref="CompactionOptions.IncludeLearners"/> in a request.</summary>
    public const string IncludeLearners = "includeLearners";

    /// <summary>Name of <see cref="CompactionOptions.Verify"/> in a request.</summary>
    public const string Verify = "verify";

    /// <summary>
    /// Option of engines whose members carry out several compactions side by side, for different replica sets: how many of a run may be at work
    /// on one member. Its greatest value is what a member takes; without the option that is one.
    /// </summary>
    public const string MaxJobsPerMember = "maxJobsPerMember";

    /// <summary>Those that the orchestrator carries out itself, where the engine can do its part; a request has a field for each.</summary>
    public static IReadOnlyList<string> Own { get; } = [MaxBytesPerSecond, IncludeLearners, Verify];

    /// <summary>What is wrong with the options that are given, each with the reason.</summary>
    public static IEnumerable<PlanProblem> Problems(string engine, EngineCapabilities capabilities, CompactionOptions options) =>
        from given in Given(options)
        let problem = Problem(engine, capabilities, options.Mode, given.Key, given.Value)
        where problem.Length > 0
        select new PlanProblem(FailureCode.Invalid, given.Key, problem);

    /// <summary>How many compactions a member takes at the same time, at least 1.</summary>
    public static int MostJobs(this EngineCapabilities capabilities) => (int)(capabilities.Find(MaxJobsPerMember)?.Most ?? 1);

    /// <summary>The descriptor of one that the engine has; null if it does not have it.</summary>
    public static EngineOption? Find(this EngineCapabilities capabilities, string name) =>
        capabilities.Options.FirstOrDefault(option => option.Name == name && option.Refusal.Length == 0);

    /// <summary>Those that the orchestrator carries out itself, where members can do their part, and those that only a driver understands.</summary>
    private static IEnumerable<KeyValuePair<string, OptionValue>> Given(CompactionOptions options)
    {
        var own = OptionValues.None;
        own = options.MaxBytesPerSecond > 0 ? own.With(MaxBytesPerSecond, options.MaxBytesPerSecond) : own;
        own = options.IncludeLearners ? own.With(IncludeLearners, true) : own;
        own = options.Verify ? own.With(Verify, true) : own;
        return [.. own.Given, .. options.EngineOptions.Given];
    }

    private static string Problem(string engine, EngineCapabilities capabilities, string mode, string name, OptionValue value)
    {
        if (capabilities.Options.FirstOrDefault(option => option.Name == name) is not { } declared)
        {
            return $"{name} is not possible with engine '{engine}': it has no such option; {KnownNames.Of(Names(capabilities), "it has none")}";
        }

        if (declared.Refusal.Length > 0)
        {
            return $"{name} is not possible with engine '{engine}': {declared.Refusal}";
        }

        var used = mode == CompactionOptions.AutoMode || capabilities.Modes.Count == 0 || capabilities.Modes.Contains(mode) ? mode : capabilities.Modes[0];
        if (declared.Modes.Count > 0 && used != CompactionOptions.AutoMode && !declared.Modes.Contains(used))
        {
            return $"{name} is not possible with mode {used}: it belongs to {string.Join(", ", declared.Modes)}";
        }

        return declared.Takes(value) ? "" : $"{name} must be {declared.Range}";
    }

    private static IEnumerable<string> Names(EngineCapabilities capabilities) =>
        capabilities.Options.Where(option => option.Refusal.Length == 0).Select(option => option.Name);
}
