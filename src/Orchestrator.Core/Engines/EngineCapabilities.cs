using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Engines;

/// <summary>What a member of an engine can do, and what a compaction of it costs. The planner sees this, never an engine's name.</summary>
/// <param name="Scope">The smallest thing that one compaction covers.</param>
/// <param name="Availability">What the member still serves while it compacts.</param>
/// <param name="TemporarySpace">The space that a compaction needs beside the files.</param>
/// <param name="EstimatesWithoutCompacting">Whether a dry run exists.</param>
/// <param name="ReportsProgress">Whether progress can be observed.</param>
/// <param name="CanCancel">Whether a running compaction can be cancelled.</param>
/// <param name="CanPause">Whether a running compaction can stop and go on later without losing work.</param>
/// <param name="HasPrimary">Whether replica sets have a primary that must be stepped down before its turn.</param>
/// <param name="Modes">The compaction modes that may be asked for; the first is the default.</param>
public sealed record EngineCapabilities(
    CompactionScopeKind Scope,
    CompactionAvailability Availability,
    TemporarySpaceRule TemporarySpace,
    bool EstimatesWithoutCompacting,
    bool ReportsProgress,
    bool CanCancel,
    bool CanPause,
    bool HasPrimary,
    IReadOnlyList<string> Modes)
{
    /// <summary>Modes whose costs differ from those of the default mode.</summary>
    public IReadOnlyList<ModeCosts> ModeCosts { get; init; } = [];

    /// <summary>How many members of a replica set must stay in service while one is out.</summary>
    public StayingMembers MustStay { get; init; }

    /// <summary>What is out while a member compacts, where it belongs to several replica sets.</summary>
    public CompactionReach Reach { get; init; }

    /// <summary>Whether the rate of a running compaction can be changed.</summary>
    public bool CanThrottle { get; init; }

    /// <summary>
    /// Whether the member itself remembers the tickets of its orders, so that one may be repeated to it. Members that do not
    /// are looked at first: <see cref="IEngineMember.Find"/>.
    /// </summary>
    public bool KnowsTickets { get; init; }

    /// <summary>Options of a request that not every engine has: those that this one has, and those that it refuses with a reason of its own.</summary>
    public IReadOnlyList<EngineOption> Options { get; init; } = [];

    /// <summary>What is assumed where nothing is known: the worst.</summary>
    public static EngineCapabilities Unknown { get; } = new(
        CompactionScopeKind.Node,
        CompactionAvailability.Offline,
        TemporarySpaceRule.WholeFile,
        EstimatesWithoutCompacting: false,
        ReportsProgress: false,
        CanCancel: false,
        CanPause: false,
        HasPrimary: true,
        []);

    /// <summary>What the engine can do for a request, whose options may make it impossible to tell the gain before.</summary>
    public EngineCapabilities For(CompactionOptions options) =>
        EstimatesWithoutCompacting && options.EngineOptions.Given.Any(given => given.Value is not OptionValue.Number { Value: 0 } && this.Find(given.Key) is { HidesGain: true })
            ? this with { EstimatesWithoutCompacting = false }
            : this;

    /// <summary>What the engine can do, and what it costs, in one of its modes; an empty or unknown name gives the default mode.</summary>
    public EngineCapabilities InMode(string mode) => ModeCosts.FirstOrDefault(costs => costs.Mode == mode) is { } special
        ? this with
        {
            Availability = special.Availability,
            TemporarySpace = special.TemporarySpace,
            CanCancel = special.CanCancel,
            CanPause = special.CanPause,
        }
        : this;
}

/// <summary>What one mode of an engine costs.</summary>
/// <param name="Mode">Its name.</param>
/// <param name="Availability">What the member still serves meanwhile.</param>
/// <param name="TemporarySpace">The space that it needs beside the files.</param>
/// <param name="CanCancel">Whether it can be cancelled while it runs.</param>
/// <param name="CanPause">Whether it can stop and go on later without losing work.</param>
public sealed record ModeCosts(
    string Mode,
    CompactionAvailability Availability,
    TemporarySpaceRule TemporarySpace,
    bool CanCancel,
    bool CanPause);

/// <summary>The smallest thing that one compaction covers.</summary>
public enum CompactionScopeKind
{
    Node,
    Database,
    Collection,
    Index,
}

/// <summary>What a member still serves while it compacts.</summary>
public enum CompactionAvailability
{
    Serving,
    ReadsOnly,
    Recovering,
    Offline,
}

/// <summary>What of a member counts as out while it compacts.</summary>
public enum CompactionReach
{
    /// <summary>The member, in all of its replica sets.</summary>
    Member,

    /// <summary>Its copy in the replica set that is compacted; in its other sets it goes on as before.</summary>
    ReplicaSet,
}

/// <summary>How many members of a replica set keep its data available while another one is out.</summary>
public enum StayingMembers
{
    /// <summary>More than half of those that vote.</summary>
    Majority,

    /// <summary>One is enough: each serves by itself.</summary>
    One,
}

/// <summary>The space that a compaction needs beside the files.</summary>
public enum TemporarySpaceRule
{
    None,
    LiveData,
    WholeFile,
    Fixed,
}
