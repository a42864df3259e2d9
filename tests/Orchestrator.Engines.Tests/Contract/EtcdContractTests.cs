using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Engines.Etcd;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.Contract;

/// <summary>The contract on a real etcd, behind a proxy that can hold a defragmentation up as a large file does.</summary>
public sealed class EtcdContractTests : DriverContract
{
    protected override async Task<IEngineFixture> Fixture()
    {
        Installed.RequireEtcd();
        var etcd = await EtcdProcesses.Start(1);
        await etcd.Fragment(4);
        return new EtcdFixture(etcd);
    }

    private sealed class EtcdFixture(EtcdProcesses etcd) : IEngineFixture
    {
        // A shorter one would be tripped by a busy machine.
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
        private readonly EtcdProxy proxy = new(etcd.Members[0].ClientUrl);

        public string Member => "m1";

        public CompactionSettings Settings { get; } = new(EtcdCapabilities.Defragment, Force: true, 0, "");

        public int JobsStarted => proxy.Defragmentations;

        public IEngineCluster Open(TimeSpan? patience = null) => Open(options => patience is { } time
            ? options with { RequestTimeout = Patience, DefragmentTimeout = time }
            : options);

        public async Task<IEngineCluster?> OpenWithWrongCredentials()
        {
            await etcd.EnableAuthentication("right");
            return Open(options => options with { User = "root", Password = "wrong" });
        }

        public void Hold() => proxy.Hold();

        public void Release() => proxy.Release();

        public async Task Kill()
        {
            etcd.Members[0].Kill();
            await proxy.Cut();
        }

        public async Task Revive()
        {
            etcd.Members[0].Start();
            await etcd.AwaitLeader();
            proxy.Restart();
        }

        public void SlowDown(TimeSpan patience) => proxy.Delay = Patience + TimeSpan.FromSeconds(1);

        public async ValueTask DisposeAsync()
        {
            await proxy.DisposeAsync();
            await etcd.DisposeAsync();
        }

        private EtcdCluster Open(Func<EtcdClusterOptions, EtcdClusterOptions> adjust) =>
            new(adjust(new EtcdClusterOptions { Name = "kube", Endpoints = [proxy.Url], RequestTimeout = TimeSpan.FromSeconds(5) }), "test", TimeProvider.System);
    }
}
