using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Engines.Milvus;
using Orchestrator.Engines.Tests.Milvus;
using Orchestrator.HttpDoubles.Milvus;

namespace Orchestrator.Engines.Tests.Contract;

/// <summary>The contract on the double of a cluster.</summary>
public sealed class MilvusContractTests : DriverContract
{
    protected override Task<IEngineFixture> Fixture() => Task.FromResult<IEngineFixture>(new MilvusFixture(MilvusDoubles.OneCollection()));

    private sealed class MilvusFixture(MilvusDouble milvus) : IEngineFixture
    {
        // A shorter one would be tripped by a busy machine.
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

        public string Member => MilvusCluster.MemberName;

        public CompactionSettings Settings { get; } = new(MilvusCapabilities.Compact, Force: false, 0, "");

        public int JobsStarted => milvus.Started;

        public bool ShowsJobsWithoutId => false;

        public IEngineCluster Open(TimeSpan? patience = null) =>
            MilvusDoubles.Open(milvus, options => patience is null ? options : options with { RequestTimeout = Patience });

        public Task<IEngineCluster?> OpenWithWrongCredentials()
        {
            milvus.Token = "root:right";
            return Task.FromResult<IEngineCluster?>(MilvusDoubles.Open(milvus, options => options with { Token = "root:wrong" }));
        }

        public void Hold() => milvus.Hold();

        public void Release() => milvus.Release();

        public Task Kill() => milvus.Kill();

        public Task Revive()
        {
            milvus.Server.Start();
            return Task.CompletedTask;
        }

        public void SlowDown(TimeSpan patience) => milvus.Server.Slowness = Patience + TimeSpan.FromSeconds(1);

        public ValueTask DisposeAsync() => milvus.DisposeAsync();
    }
}
