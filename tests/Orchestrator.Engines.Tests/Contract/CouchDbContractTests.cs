using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.CouchDouble;
using Orchestrator.Engines.CouchDb;
using Orchestrator.Engines.Tests.CouchDb;

namespace Orchestrator.Engines.Tests.Contract;

/// <summary>The contract on the double of a cluster of three.</summary>
public sealed class CouchDbContractTests : DriverContract
{
    protected override async Task<IEngineFixture> Fixture() => new CouchDbFixture(await CouchDoubles.ThreeNodes());

    private sealed class CouchDbFixture(DoubleCluster cluster) : IEngineFixture
    {
        // A shorter one would be tripped by a busy machine.
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

        private readonly DoubleNode _node = cluster.Nodes[1];
        private TaskCompletionSource? _held;

        public string Member => _node.Name;

        public CompactionSettings Settings { get; } = new(CouchDbCapabilities.Compact, Force: false, 0, "");

        public int JobsStarted => _node.Shards.Values.Sum(shard => shard.Orders);

        public IEngineCluster Open(TimeSpan? patience = null) => CouchDoubles.Open(
            cluster, options => patience is null ? options : options with { RequestTimeout = Patience });

        public Task<IEngineCluster?> OpenWithWrongCredentials()
        {
            cluster.Administrators["admin"] = "right";
            return Task.FromResult<IEngineCluster?>(CouchDoubles.Open(cluster, options => options with { User = "admin", Password = "wrong" }));
        }

        public void Hold() => _held = _node.Hold();

        public void Release()
        {
            _node.Held = null;
            _held?.TrySetResult();
        }

        public Task Kill() => _node.Kill();

        public Task Revive() => _node.Start();

        public void SlowDown(TimeSpan patience) => _node.Slowness = Patience + TimeSpan.FromSeconds(1);

        public ValueTask DisposeAsync()
        {
            Release();
            return cluster.DisposeAsync();
        }
    }
}
