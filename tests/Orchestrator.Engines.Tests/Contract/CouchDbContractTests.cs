using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.CouchDouble;
using Orchestrator.Engines.CouchDb;
using Orchestrator.Engines.Tests.CouchDb;

namespace Orchestrator.Engines.Tests.Contract;

/// <summary>The contract on the double of a cluster of three.</summary>
public class CouchDbContractTests : DriverContract
{
    /// <summary>What the double speaks.</summary>
    protected virtual string Version => "3.5.0";

    protected override async Task<IEngineFixture> Fixture() => new CouchDbFixture(await CouchDoubles.Filled(Version));

    private sealed class CouchDbFixture(DoubleCluster cluster) : IEngineFixture
    {
        // A shorter one would be tripped by a busy machine.
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

        private readonly DoubleNode _node = cluster.Nodes.ElementAtOrDefault(1) ?? cluster.Nodes[0];
        private TaskCompletionSource? _held;

        public string Member => CouchDoubles.NameOf(_node);

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

/// <summary>The same for 2.x, whose nodes have ports of their own.</summary>
public sealed class CouchDb2ContractTests : CouchDbContractTests
{
    protected override string Version => "2.3.1";
}

/// <summary>The same for a server of 1.x.</summary>
public sealed class CouchDb1ContractTests : CouchDbContractTests
{
    protected override string Version => "1.7.2";
}
