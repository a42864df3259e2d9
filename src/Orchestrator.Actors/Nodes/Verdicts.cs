using Orchestrator.Core.Nodes;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Verification;

namespace Orchestrator.Actors.Nodes;

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

    /// <summary>The collection could not be checked.</summary>
    public static CollectionVerdict Failed(CollectionName name, string reason) =>
        new(name.Database, name.Collection, [reason], 0, 0, new Core.Topology.FeedPosition(name.Database, name.Collection, 0, 0), "");
}
