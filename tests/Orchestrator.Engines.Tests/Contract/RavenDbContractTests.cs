using System.Security.Cryptography.X509Certificates;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Engines.RavenDb;
using Orchestrator.Engines.Tests.RavenDb;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.HttpDoubles.RavenDb;

namespace Orchestrator.Engines.Tests.Contract;

/// <summary>The contract on the double of a cluster, for versions that differ in what they answer.</summary>
public abstract class RavenDbContract(string version) : DriverContract
{
    protected override Task<IEngineFixture> Fixture() => Task.FromResult<IEngineFixture>(new RavenDbFixture(RavenDoubles.ThreeNodes(version)));

    private sealed class RavenDbFixture(RavenDoubleCluster cluster) : IEngineFixture
    {
        // A shorter one would be tripped by a busy machine.
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

        private readonly RavenDoubleNode _node = cluster["B"];
        private readonly List<IAsyncDisposable> _more = [];
        private Certificates? _certificates;

        public string Member => _node.Tag;

        public CompactionSettings Settings { get; } = new(RavenDbCapabilities.Compact, Force: false, 0, "");

        public int JobsStarted => _node.Compacts.Count;

        public IEngineCluster Open(TimeSpan? patience = null) =>
            RavenDoubles.Open(cluster, options => patience is null ? options : options with { RequestTimeout = Patience });

        /// <summary>A secured cluster, and a client certificate that it does not know.</summary>
        public Task<IEngineCluster?> OpenWithWrongCredentials()
        {
            _certificates = new Certificates();
            var own = X509Certificate2.CreateFromPemFile(_certificates.Certificate("server"), _certificates.Key("server"));
            var secured = new RavenDoubleCluster(["A"], own) { Operators = [] };
            _more.Add(secured);
            return Task.FromResult<IEngineCluster?>(RavenDoubles.Open(secured, options => options with
            {
                Tls = new TlsFiles(_certificates.Authority, _certificates.Certificate("client"), _certificates.Key("client")),
            }));
        }

        public void Hold() => _node.Hold();

        public void Release() => _node.Release();

        public Task Kill() => _node.Kill();

        public Task Revive()
        {
            _node.Server.Start();
            return Task.CompletedTask;
        }

        public void SlowDown(TimeSpan patience) => _node.Server.Slowness = Patience + TimeSpan.FromSeconds(1);

        public async ValueTask DisposeAsync()
        {
            await cluster.DisposeAsync();
            foreach (var other in _more)
            {
                await other.DisposeAsync();
            }

            _certificates?.Dispose();
        }
    }
}

/// <summary>5.4 has other words for a locked database.</summary>
public sealed class RavenDb54ContractTests() : RavenDbContract("5.4");

/// <inheritdoc/>
public sealed class RavenDb62ContractTests() : RavenDbContract("6.2");
