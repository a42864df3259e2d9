using Orchestrator.Core.Planning;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http.Translation;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Configuration;

/// <summary>Reads the schedules, and the switch for automatic compaction.</summary>
internal static class ScheduleBinder
{
    private const string Automatic = "automatic";
    private const int MaxNameLength = 40;
    private const int MaxPatternLength = 200;

    private static readonly Dictionary<string, FailurePolicy> _failurePolicies =
        FailurePolicyNames.All.ToDictionary(name => name, name => FailurePolicyNames.Find(name)!.Value);

    private static readonly Dictionary<string, MissedWindowPolicy> _missed = new()
    {
        ["skip"] = MissedWindowPolicy.Skip,
        ["catch-up"] = MissedWindowPolicy.CatchUp,
    };

    private static readonly Dictionary<string, RuleMatch> _matches = new()
    {
        ["all"] = RuleMatch.All,
        ["any"] = RuleMatch.Any,
    };

    /// <param name="windows">Those that could be read; a schedule can name others, which have errors of their own.</param>
    /// <param name="clusters">All that are configured.</param>
    /// <param name="engines">The engines that there are.</param>
    public static IReadOnlyList<Schedule> ReadSchedules(
        SettingsReader root, IReadOnlyList<MaintenanceWindow> windows, IReadOnlyList<ConfiguredCluster> clusters, EngineProviders engines)
    {
        var section = root.Section("schedules");
        var configured = root.Section("windows").Keys();
        var schedules = new List<Schedule>();
        foreach (var name in section.Keys())
        {
            if (CheckName(name) is { } problem)
            {
                section.Fail(name, problem, 0);
            }

            schedules.Add(ReadSchedule(section.Section(name), name, windows, configured, clusters, engines));
        }

        if (root.Switch("automatic-compaction"))
        {
            if (schedules.Exists(schedule => schedule.Name == Automatic))
            {
                root.Fail("automatic-compaction", $"there is a schedule named {Automatic}; give it another name, or leave this off", 0);
            }

            schedules.Add(new Schedule(
                Automatic,
                Enabled: true,
                ScheduleScope.Everything with { Engines = [engines.BuiltIn.Description.Name] },
                new WindowCalendar(windows),
                ScheduleRules.Default,
                SchedulePacing.Default,
                NeedsApproval: false));
        }

        return schedules;
    }

    private static Schedule ReadSchedule(
        SettingsReader schedule,
        string name,
        IReadOnlyList<MaintenanceWindow> windows,
        IReadOnlyList<string> configured,
        IReadOnlyList<ConfiguredCluster> clusters,
        EngineProviders engines)
    {
        var names = schedule.Optional("windows", key => schedule.TextList(key, wanted => CheckWindow(wanted, configured)), []);
        var scope = new ScheduleScope(
            schedule.Optional("engines", key => schedule.TextList(key, engine => CheckEngine(engine, engines.Names)), []),
            Patterns(schedule, "clusters", pattern => ClusterProblem(pattern, clusters)),
            Patterns(schedule, "databases", DatabaseProblem),
            Patterns(schedule, "collections", CollectionProblem));
        var covered = clusters.Where(cluster => scope.CoversCluster(cluster.Definition.Name, cluster.Definition.Engine)).ToList();
        return new Schedule(
            name,
            schedule.Optional("enabled", schedule.Switch, true),
            scope,
            new WindowCalendar([.. windows.Where(window => names.Contains(window.Name))]),
            ReadRules(schedule.Section("rules")),
            ReadPacing(schedule),
            schedule.Optional("requires-approval", schedule.Switch, false))
        {
            Mode = ReadMode(schedule, covered, engines),
            Verify = ReadVerify(schedule, covered),
            MaxBytesPerSecond = ReadRate(schedule, covered),
            OnFailure = schedule.Choice("on-failure", _failurePolicies, FailurePolicy.Stop),
        };
    }

    /// <summary>A mode that all clusters in scope have: without it the schedule's runs would be refused for ever.</summary>
    private static string ReadMode(SettingsReader schedule, List<ConfiguredCluster> covered, EngineProviders engines)
    {
        const string engineDefault = "default";
        var mode = schedule.Optional("mode", schedule.RequiredText, "");
        if (mode is "" or engineDefault)
        {
            return "";
        }

        var possible = covered.Count == 0 ? engines.Descriptions : [.. covered.Select(cluster => cluster.Engine.Description)];
        string[] known = [engineDefault, CompactionOptions.AutoMode, .. possible.SelectMany(engine => engine.Capabilities.Modes).Distinct()];
        if (!known.Contains(mode))
        {
            return schedule.Fail("mode", $"expected one of {string.Join(", ", known)}, found \"{mode}\"{Hint(mode, known)}", "");
        }

        var without = covered.Find(cluster => mode != CompactionOptions.AutoMode && !cluster.Engine.Description.Capabilities.Modes.Contains(mode))?.Definition;
        return without is null
            ? mode
            : schedule.Fail("mode", $"the engine {without.Engine} of cluster {without.Name} has no mode {mode}; limit the schedule with engines or clusters, or use default or auto", "");
    }

    private static bool ReadVerify(SettingsReader schedule, List<ConfiguredCluster> covered)
    {
        var verify = schedule.Optional("verify", schedule.Switch, false);
        return verify && FirstWithout(OptionCheck.Verify, covered) is { } without
            ? schedule.Fail("verify", $"{without.Engine}, the engine of cluster {without.Name}, has no verification; limit the schedule with engines or clusters, or leave this off", false)
            : verify;
    }

    private static long ReadRate(SettingsReader schedule, List<ConfiguredCluster> covered)
    {
        const string key = "max-bytes-per-second";
        var rate = schedule.Optional(key, name => schedule.Size(name, "0", "1EiB"), 0);
        if (rate is > 0 and < CompactionBodyReader.MinBytesPerSecond)
        {
            return schedule.Fail(key, $"expected 0 (no limit) or at least {Units.Format(CompactionBodyReader.MinBytesPerSecond)}, found {Units.Format(rate)}", 0L);
        }

        return rate > 0 && FirstWithout(OptionCheck.MaxBytesPerSecond, covered) is { } without
            ? schedule.Fail(key, $"{without.Engine}, the engine of cluster {without.Name}, cannot limit the rate; limit the schedule with engines or clusters, or leave this out", 0L)
            : rate;
    }

    /// <summary>A cluster whose engine does not have an option; null if all have it.</summary>
    private static ClusterDefinition? FirstWithout(string option, List<ConfiguredCluster> covered) =>
        covered.Find(cluster => cluster.Engine.Description.Capabilities.Find(option) is null)?.Definition;

    private static ScheduleRules ReadRules(SettingsReader rules)
    {
        // Where one rule is enough, a default that holds for nearly everything would make everything due.
        var match = rules.Choice("match", _matches, RuleMatch.All);
        var defaults = match == RuleMatch.All ? ScheduleRules.Default : ScheduleRules.Bare;
        var read = new ScheduleRules(
            rules.Optional("min-reclaimable-bytes", key => rules.Size(key, "0", "1EiB"), defaults.MinReclaimableBytes),
            rules.Optional("min-fragmentation", key => rules.Share(key, 1), defaults.MinFragmentation),
            rules.Optional("disk-used-above", key => rules.Share(key, 1), defaults.DiskUsedAbove),
            rules.Optional("time-since-last", key => rules.Duration(key, "0s", "3650d"), defaults.TimeSinceLast),
            rules.Optional("back-off", key => rules.Duration(key, "0s", "3650d"), defaults.BackOff),
            rules.Optional("max-back-off", key => rules.Duration(key, "0s", "3650d"), defaults.MaxBackOff))
        {
            Match = match,
            QuotaUsedAbove = rules.Optional("quota-used-above", key => rules.Share(key, 1), defaults.QuotaUsedAbove),
        };
        if (match == RuleMatch.Any && !read.AnyRule)
        {
            rules.Fail("match", "expected at least one of min-reclaimable-bytes, min-fragmentation, disk-used-above, quota-used-above and time-since-last with any, found none", 0);
        }

        if (read.BackOff > read.MaxBackOff)
        {
            rules.Fail("max-back-off", $"expected at least back-off ({DurationText.Exact(read.BackOff)}), found {DurationText.Exact(read.MaxBackOff)}", 0);
        }

        return read;
    }

    private static SchedulePacing ReadPacing(SettingsReader schedule)
    {
        var defaults = SchedulePacing.Default;
        return new SchedulePacing(
            schedule.Optional("look-interval", key => schedule.Duration(key, "1s", "1d"), defaults.LookInterval),
            schedule.Optional("min-pause", key => schedule.Duration(key, "0s", "30d"), defaults.MinPause),
            schedule.Optional("max-runs-per-window", key => schedule.WholeNumber(key, 0, 1000), defaults.MaxRunsPerWindow),
            schedule.Optional("max-runs-per-day", key => schedule.WholeNumber(key, 0, 1000), defaults.MaxRunsPerDay),
            schedule.Optional("max-collections-per-run", key => schedule.WholeNumber(key, 0, 100_000), defaults.MaxCollectionsPerRun),
            schedule.Optional("max-parallel-replica-sets", key => schedule.WholeNumber(key, 1, 1000), defaults.MaxParallelReplicaSets),
            schedule.Choice("missed-window", _missed, defaults.MissedWindow));
    }

    private static IReadOnlyList<string> Patterns(SettingsReader schedule, string key, Func<string, string?> check) => schedule.Optional(
        key,
        list => schedule.TextList(list, pattern => pattern.Length > MaxPatternLength
            ? $"expected patterns of at most {MaxPatternLength} characters, found one of {pattern.Length}"
            : check(pattern)),
        []);

    /// <summary>Clusters stand in the same file, so that a name without a cluster is a slip of the pen. Patterns may be wider than what is there.</summary>
    private static string? ClusterProblem(string pattern, IReadOnlyList<ConfiguredCluster> clusters)
    {
        var names = clusters.Select(cluster => cluster.Definition.Name).ToList();
        return names.Count == 0 || pattern.AsSpan().ContainsAny('*', '?') || names.Contains(pattern)
            ? null
            : $"expected one of the clusters {string.Join(", ", names)}, or a pattern with * or ?, found \"{pattern}\"{Hint(pattern, names)}";
    }

    private static string? DatabaseProblem(string pattern) => pattern.Contains('/', StringComparison.Ordinal)
        ? $"expected names or patterns of databases, found \"{pattern}\": database/collection belongs in collections"
        : SystemProblem(pattern, SystemDatabases.Contains);

    private static string? CollectionProblem(string pattern) => pattern.Split('/') is [_] or [{ Length: > 0 }, { Length: > 0 }]
        ? SystemProblem(pattern, SystemDatabases.ContainsCollection)
        : $"expected collection or database/collection, found \"{pattern}\"";

    private static string? SystemProblem(string pattern, Func<string, bool> isSystem) => isSystem(pattern)
        ? $"expected no system database, found \"{pattern}\": schedules leave those out; an administrator compacts them by name"
        : null;

    private static string? CheckName(string name) =>
        name.Length is > 0 and <= MaxNameLength && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? null
            : $"expected a name of 1 to {MaxNameLength} letters, digits, '-' and '_', found \"{name}\"";

    private static string? CheckEngine(string engine, IReadOnlyList<string> known) => known.Contains(engine)
        ? null
        : $"expected some of {string.Join(", ", known)}, found \"{engine}\"{Hint(engine, known)}";

    private static string? CheckWindow(string window, IReadOnlyList<string> configured) => configured.Contains(window)
        ? null
        : $"there is no window \"{window}\" in orchestrator.windows{Hint(window, configured)}";

    private static string Hint(string name, IEnumerable<string> known) =>
        SettingNames.Nearest(name, known) is { } nearest ? $"; did you mean {nearest}?" : "";
}
