using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Host.Tests.Engines;

/// <summary>An engine of one file: it registers with one line. Each of its members holds one box, which polishing makes smaller.</summary>
internal sealed class ToyEngine : IEngineProvider
{
    public EngineDescription Description { get; } = new(
        "toy",
        "Toy boxes",
        "Boxes that become smaller when they are polished.",
        ToyCluster.WhatItCan,
        [new EngineMode("polish", "Polishes the box.", "The box stays open.")],
        ["A cloth."]);

    public IEngineOptions Read(string name, IEngineSettings cluster, IEngineSettings defaults) =>
        new Options(name, cluster.TextList("boxes", box => box.Length <= 10 ? null : $"expected a short name, found \"{box}\""));

    private sealed record Options(string Name, IReadOnlyList<string> Boxes) : IEngineOptions
    {
        public IEngineCluster Create(EngineContext context) => new ToyCluster(Name, Boxes);
    }

    private sealed class ToyCluster(string name, IReadOnlyList<string> boxes) : IEngineCluster
    {
        public static EngineCapabilities WhatItCan { get; } = new(
            CompactionScopeKind.Node,
            CompactionAvailability.Serving,
            TemporarySpaceRule.None,
            EstimatesWithoutCompacting: true,
            ReportsProgress: false,
            CanCancel: false,
            CanPause: false,
            HasPrimary: false,
            ["polish"])
        {
            Options = [new("shine", EngineOptionKind.Integer, "How bright the box becomes.") { Least = 1, Most = 5, Default = "3" }],
        };

        public string Name => name;

        public string Engine => "toy";

        public EngineCapabilities Capabilities => WhatItCan;

        public TimeSpan? Settle => null;

        public TimeSpan DiscoverInterval => TimeSpan.FromMilliseconds(100);

        public TimeSpan RenewInterval => TimeSpan.FromSeconds(1);

        public Task<EngineTopology> Discover(CancellationToken cancellationToken) => Task.FromResult(
            new EngineTopology([new ReplicaSetDefinition(name, boxes)], boxes.ToDictionary(box => box, box => $"shelf/{box}")));

        public IEngineMember Member(string box) => new Box(box);

        public Task<string> Claim(string runId, CancellationToken cancellationToken) => Task.FromResult("");

        public Task Renew(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task Release(string runId, CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Box(string name) : IEngineMember
    {
        public string Name => name;

        public Task<MemberLook> Observe(bool compacting, CancellationToken cancellationToken) => Task.FromResult(
            new MemberLook(NodeState.Online, "", MemberRole.Secondary, 0, "", new ReplicationLag(0, 0), DiskSpace.Unseen));

        public Task<IReadOnlyList<UnitSize>> Inventory(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<UnitSize>>([new UnitSize(new NodeUnit(), 100, 40, 100)]);

        public IReadOnlyList<UnitEstimate> Estimate(IReadOnlyList<UnitSize> sizes, string mode) =>
            [.. sizes.Select(size => new UnitEstimate(size, size.FileBytes - size.LiveBytes, 0, TimeSpan.FromSeconds(1)))];

        public Task<IReadOnlyList<UnitCompacted>> Compact(
            IReadOnlyList<StorageUnit> units, CompactionSettings settings, IProgress<CompactionProgress> progress, CancellationToken cancellationToken) =>
            throw new EngineException(EngineFault.Failed, "nobody polishes in these tests");

        public Task<long> StepDown(string to, CancellationToken cancellationToken) => throw new EngineException(EngineFault.WrongState, "boxes have no primary");
    }
}
