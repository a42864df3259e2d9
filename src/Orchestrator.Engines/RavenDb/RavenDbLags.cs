using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Engines.RavenDb;

/// <summary>
/// How far copies are behind the preferred one, by the change vectors that the leader's observer collects from all nodes. The databases themselves are not
/// asked: that would load idle ones, or keep them loaded.
/// </summary>
internal sealed class RavenDbLags(IReadOnlyDictionary<string, ObservedNode> observed)
{
    public static RavenDbLags Unknown { get; } = new(new Dictionary<string, ObservedNode>());

    /// <summary>What the leader knows; nothing if it cannot be asked, which a look at another node does not fail for.</summary>
    /// <param name="leader">Null if it is not one of the nodes that are known.</param>
    public static async Task<RavenDbLags> Ask(RavenDbMember? leader)
    {
        try
        {
            return leader is null ? Unknown : new RavenDbLags(await leader.Calls.Observed(CancellationToken.None).ConfigureAwait(false));
        }
        catch (Exception e) when (e is EngineException or RavenDbRefusal)
        {
            return Unknown;
        }
    }

    /// <returns>None also where the leader does not tell the position of one of the two.</returns>
    public ReplicationLag Of(string node, string database, string preferred) =>
        node != preferred && Find(node, database) is { IsKnown: true } own && Find(preferred, database) is { } other
            ? new ReplicationLag(own.Lacks(other), 0)
            : ReplicationLag.None;

    private DatabaseStatistics? Find(string node, string database) => observed.GetValueOrDefault(node)?.Report?.GetValueOrDefault(database);
}
