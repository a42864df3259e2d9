using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Engines;

/// <summary>
/// Gives what drivers hand on from their servers its bounds: texts are cut, what is said twice counts once, and names that are missing or endless are an
/// error, since a name that is cut would mean something else. Drivers' types say that no text is null, but what a serializer makes of an answer may be.
/// </summary>
internal static class AnswerCheck
{
    private const int MostText = 2000;
    private const int MostName = 1024;
    private const int MostAlarms = 100;

    public static bool IsBounded(string text) => text.Length <= MostText;

    public static string Text(string? text) => text is null ? "" : IsBounded(text) ? text : text[..(MostText - 3)] + "...";

    /// <exception cref="EngineException">A name is missing or endless.</exception>
    public static EngineTopology Topology(string cluster, EngineTopology told) =>
        new(
            [
                .. told.ReplicaSets
                    .DistinctBy(set => Name(cluster, "a replica set", set.Name), StringComparer.Ordinal)
                    .Select(set => set with { Members = [.. set.Members.Select(member => Name(cluster, "a member", member)).Distinct(StringComparer.Ordinal)] }),
            ],
            told.Addresses.ToDictionary(address => address.Key, address => Text(address.Value), StringComparer.Ordinal))
        {
            Learners = [.. told.Learners.Where(learner => !string.IsNullOrEmpty(learner))],
        };

    public static MemberObservation Observation(MemberObservation told) => told with
    {
        Reason = Text(told.Reason),
        Primary = Text(told.Primary),
        Version = Text(told.Version),
        Alarms = [.. (told.Alarms ?? []).Select(Text).Where(alarm => alarm.Length > 0).Take(MostAlarms)],
        Memberships =
        [
            .. (told.Memberships ?? [])
                .Where(membership => membership is { ReplicaSet.Length: > 0 })
                .Select(membership => membership with { Reason = Text(membership.Reason), Primary = Text(membership.Primary) }),
        ],
    };

    /// <exception cref="EngineException">A name is missing or endless.</exception>
    public static MemberInventory Inventory(string member, MemberInventory told) => told with
    {
        Units = Units(member, told.Units),
        SystemUnits = Units(member, told.SystemUnits),
    };

    public static JobStatus Status(JobStatus told) => told switch
    {
        JobStatus.Failed failed => failed with { Reason = Text(failed.Reason) },
        JobStatus.Unknown unknown => unknown with { Evidence = Text(unknown.Evidence) },
        _ => told,
    };

    private static IReadOnlyList<UnitEstimate> Units(string member, IReadOnlyList<UnitEstimate> told) =>
    [
        .. told.DistinctBy(estimate => estimate.Size.Unit).Select(estimate => estimate with
        {
            Size = Size(member, estimate.Size),
            Refusal = Text(estimate.Refusal),
            Note = estimate.Note is null ? null : Text(estimate.Note),
        }),
    ];

    private static UnitSize Size(string member, UnitSize told)
    {
        var path = Name(member, "a unit", told.Unit.Path);
        var file = Math.Max(0, told.FileBytes);

        // What is live is reckoned, so it may come out a little above the file that holds it.
        return told.Unit is { Database: not null, Collection: not null }
            ? told with { FileBytes = file, LiveBytes = Math.Clamp(told.LiveBytes, 0, file), PhysicalBytes = Math.Max(0, told.PhysicalBytes) }
            : throw new EngineException(EngineFault.Failed, $"{member} names a unit '{path}' without a database or collection");
    }

    private static string Name(string whose, string what, string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            throw new EngineException(EngineFault.Failed, $"{whose} names {what} without a name");
        }

        return name.Length <= MostName
            ? name
            : throw new EngineException(EngineFault.Failed, $"{whose} names {what} by a name of {name.Length} characters; at most {MostName} are supported");
    }
}
