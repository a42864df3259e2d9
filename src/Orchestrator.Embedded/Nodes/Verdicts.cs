using Orchestrator.Core.Nodes;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Verification;

namespace Orchestrator.Embedded.Nodes;

/// <summary>Makes verdicts from what the store has found.</summary>
internal static class Verdicts
{
    /// <summary>At most; the first ones tell enough, and a verdict crosses the wire.</summary>
    private const int MaxProblems = 100;

    public static CollectionVerdict Of(
        CollectionName name, VerificationReport report, ContentChecksum checksum) => new(
        name.Database,
        name.Collection,
        [.. report.Problems.Take(MaxProblems).Select(problem => $"{problem.File}: {problem.Description}")],
        report.Documents,
        report.IndexEntries,
        new Core.Topology.FeedPosition(name.Database, name.Collection, checksum.Position.Term, checksum.Position.Seq),
        checksum.Sha256);

    /// <summary>The answer to <see cref="DigestRanges"/> or <see cref="ListVersions"/> of a member that has none.</summary>
    public static object NotComparable(INodeCommand command, string node, string reason) => command is DigestRanges
        ? new RangesDigested(node, 0, 0, []) { NotComparable = reason }
        : new VersionsListed(node, 0, 0, 0, []) { NotComparable = reason };

    /// <summary>The collection could not be checked.</summary>
    public static CollectionVerdict Failed(CollectionName name, string reason) =>
        new(name.Database, name.Collection, [reason], 0, 0, new Core.Topology.FeedPosition(name.Database, name.Collection, 0, 0), "");
}
