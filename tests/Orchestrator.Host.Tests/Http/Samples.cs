using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded;

namespace Orchestrator.Host.Tests.Http;

/// <summary>Answers of a supervisor of one cluster with three nodes.</summary>
internal static class Samples
{
    public const string Cluster = "main";
    public static readonly DateTimeOffset Now = new(2026, 1, 31, 22, 15, 0, TimeSpan.Zero);

    public static CompactionRequest Request { get; } = new(Cluster, CompactionScope.Everything, CompactionOptions.Default with { Comment = "nightly" });

    public static UnitEstimate Documents { get; } = new(
        new UnitSize(new DocumentsUnit("shop", "orders"), 1000, 400, 1024), 600, 450, TimeSpan.FromSeconds(2));

    public static UnitEstimate Index { get; } = new(
        new UnitSize(new IndexUnit("shop", "orders", "by-city"), 200, 100, 256), 100, 110, TimeSpan.FromSeconds(1));

    public static CompactionPlan Plan { get; } = new(
        Request,
        [
            new ReplicaSetPlan(
                "rs-1",
                "node-1",
                [
                    new CompactMemberStep(1, "rs-1", "node-2", "a secondary", MemberRole.Secondary, [Documents, Index]),
                    new StepDownStep(2, "rs-1", "node-1", "its turn", ["node-2"]),
                    new CompactMemberStep(3, "rs-1", "node-1", "the old primary", MemberRole.Primary, [Documents]),
                ],
                [new SkippedUnit("node-3", "*", "unreachable")]),
        ],
        Now);

    public static ClusterView View { get; } = new(
        Cluster,
        "embedded",
        7,
        "akka.tcp://orchestrator@127.0.0.1:1",
        "",
        [new ReplicaSetView("rs-1", 3, "node-1", [Member("node-1", MemberRole.Primary), Member("node-2", MemberRole.Secondary), Member("node-3", MemberRole.Secondary)])]);

    public static StorageReport Report { get; } = new(
        Cluster,
        [new NodeInventory("node-1", "rewrite", EmbeddedCapabilities.Instance, [Documents, Index], Now)],
        ["node-2"],
        Now)
    {
        LastCompactions =
        [
            new UnitLastCompaction(
                "node-1", Documents.Size.Unit, new LastCompaction("r-1", Now.AddDays(-2), 700, TimeSpan.FromSeconds(2), "completed") { BytesGrown = 150 }),
        ],
    };

    public static RunView Run(string id, string state, DateTimeOffset? finishedAt = null) => new(
        id,
        state,
        "",
        Plan,
        [new StepView(1, "rs-1", "compact", "node-2", "running", "a secondary", 1, 0.5, 1200, 0, 0, "", [], Now, null)],
        0,
        Now,
        finishedAt);

    public static RequestFailed Failed(FailureCode code, string message, string runId = "") => new(code, message, runId);

    private static MemberView Member(string name, MemberRole role) => new(
        true,
        new NodeObservation(
            Cluster, "rs-1", name, $"http://{name}", NodeState.Online, "", role, 3, 3, "node-1", ReplicationLag.None, new DiskSpace(10, 20), [], [], Now),
        [new NodeStateChanged(Cluster, "rs-1", name, NodeState.Recovering, NodeState.Online, "", Now)]);
}
