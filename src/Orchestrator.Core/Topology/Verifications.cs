using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Topology;

/// <summary>
/// Asks the supervisor to have a member check its collections, and to compare them with the other members' copies. Answered with
/// <see cref="VerificationView"/> at once; the work goes on. It ends when nobody has asked about it for a while, see
/// <see cref="GetVerification"/>.
/// </summary>
/// <param name="Database">Only this database; empty for all.</param>
/// <param name="Collection">Only this collection; empty for all.</param>
/// <param name="By">Who orders it.</param>
public sealed record StartVerification(string Cluster, string Node, string Database, string Collection, string By) : ISupervisorRequest;

/// <summary>Asks how a verification stands. Answered with <see cref="VerificationView"/>.</summary>
public sealed record GetVerification(string Cluster, string Id) : ISupervisorRequest;

/// <summary>Stops a verification. Answered with <see cref="VerificationView"/>; one that has ended stays as it ended.</summary>
/// <param name="By">Who orders it.</param>
public sealed record CancelVerification(string Cluster, string Id, string By) : ISupervisorRequest;

/// <summary>How a verification stands. The supervisor keeps the last ones, also for its successors, who begin anew what has not ended.</summary>
/// <param name="Reason">Why it failed; else empty.</param>
/// <param name="HeardAt">When the members were last heard of.</param>
/// <param name="FinishedAt">Null while it is at work.</param>
/// <param name="Collections">What checking the member's files found, once all are checked.</param>
/// <param name="Comparisons">What comparing the members found, collection by collection, as far as it is.</param>
public sealed record VerificationView(
    string Id,
    string Cluster,
    string Node,
    string Database,
    string Collection,
    string By,
    VerificationPhase Phase,
    string Reason,
    DateTimeOffset StartedAt,
    DateTimeOffset HeardAt,
    DateTimeOffset? FinishedAt,
    FileCheckProgress Progress,
    IReadOnlyList<CollectionVerdict> Collections,
    IReadOnlyList<CollectionComparison> Comparisons);

/// <summary>What a verification is at.</summary>
public enum VerificationPhase
{
    /// <summary>The member reads its files.</summary>
    CheckingFiles,

    /// <summary>The members' copies are compared.</summary>
    Comparing,

    /// <summary>Everything was looked at.</summary>
    Completed,

    /// <summary>It could not be carried out.</summary>
    Failed,

    /// <summary>Somebody stopped it, or nobody asked for it any more.</summary>
    Cancelled,
}

/// <summary>What comparing the members' copies of one collection found.</summary>
/// <param name="Through">Changes up to this sequence number were compared: all members had them when it began.</param>
/// <param name="Rows">Changes compared.</param>
/// <param name="Compared">The members that were compared.</param>
/// <param name="NotCompared">Those that were not, with the reason.</param>
/// <param name="Differences">The members that differ from the others; empty if all are equal.</param>
/// <param name="Changing">Documents that were written so fast that no two looks could be compared.</param>
public sealed record CollectionComparison(
    string Database,
    string Collection,
    long Through,
    long Rows,
    IReadOnlyList<string> Compared,
    IReadOnlyList<MemberNotCompared> NotCompared,
    IReadOnlyList<MemberDifference> Differences,
    long Changing)
{
    /// <summary>Whether it was ended before <see cref="Through"/> because enough differences were found.</summary>
    public bool EndedEarly { get; init; }
}

/// <param name="Reason">For example that it does not answer.</param>
public sealed record MemberNotCompared(string Node, string Reason);

/// <summary>Documents in which a member differs from the majority or, where there is none, from the primary.</summary>
/// <param name="Documents">How many.</param>
/// <param name="FirstId">The least of their ids.</param>
/// <param name="LastId">The greatest of their ids.</param>
/// <param name="Ids">Some of their ids, at most 100.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record MemberDifference(string Node, long Documents, string FirstId, string LastId, IReadOnlyList<string> Ids, string Advice);
