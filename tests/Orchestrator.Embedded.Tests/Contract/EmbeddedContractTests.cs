using Akka.Actor;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Embedded.Tests.Support;
using Orchestrator.Engines.Tests.Contract;
using Orchestrator.Storage.Compaction;

namespace Orchestrator.Embedded.Tests.Contract;

/// <summary>A real node with real files, a set of its own, whose compaction can be held up as a large file does.</summary>
public sealed class EmbeddedContractTests : DriverContract
{
    protected override async Task<IEngineFixture> Fixture()
    {
        var fixture = new NodeFixture();
        await fixture.Begin();
        return fixture;
    }

    private sealed class NodeFixture : IEngineFixture
    {
        private const string Node = "node-1";
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

        private readonly ActorSystem system = ActorSystem.Create("contract", "akka { log-dead-letters = off, loglevel = OFF, stdout-loglevel = OFF }");
        private readonly ManualResetEventSlim gate = new(initialState: true);
        private readonly HandClock clock = new();
        private readonly TestNodes nodes;
        private volatile bool answers = true;
        private int started;
        private long term;

        public NodeFixture()
        {
            nodes = new TestNodes(system, 1, options => options with { Storage = options.Storage with { CopyBatchBytes = 20_000, Failpoint = OnFailpoint } });
        }

        public string Member => Node;

        public CompactionSettings Settings { get; } = new("rewrite", Force: true, 0, "");

        public int JobsStarted => Volatile.Read(ref started);

        public async Task Begin()
        {
            await nodes.AppointAsync(Node, ++term, 1);
            await nodes.FragmentAsync(Node);
        }

        public IEngineCluster Open(TimeSpan? patience = null) => new EmbeddedCluster(nodes.Cluster, 1, Ask, patience ?? Patience, clock);

        public Task<IEngineCluster?> OpenWithWrongCredentials() => Task.FromResult<IEngineCluster?>(null);

        public void Hold() => gate.Reset();

        public void Release()
        {
            gate.Set();
            nodes[Node].Tell(new ThrottleCompaction(1, new CompactionTicket("run-1", 1, 1), 0));
        }

        public async Task Kill()
        {
            answers = false;
            var stopping = nodes.StopAsync(Node);
            gate.Set();
            await stopping;
        }

        public async Task Revive()
        {
            nodes.Start(Node);
            answers = true;
            await nodes.AppointAsync(Node, ++term, 1);
        }

        public void SlowDown(TimeSpan patience) => answers = false;

        public async ValueTask DisposeAsync()
        {
            gate.Set();
            await system.Terminate();
            nodes.Dispose();
            gate.Dispose();
            system.Dispose();
        }

        private async Task<object> Ask(string node, INodeCommand command, CancellationToken cancellationToken)
        {
            if (!answers)
            {
                clock.Elapse();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            // What is held is slow too: when it is let go, its end comes after what has been ordered meanwhile.
            var order = command is CompactUnits { LookOnly: false } compact && !gate.IsSet
                ? compact with { Settings = compact.Settings with { MaxBytesPerSecond = 1 } }
                : command;
            var answer = await nodes[node].Ask<object>(order, Patience, cancellationToken);
            if (command is CancelCompaction)
            {
                gate.Set();
            }

            return answer;
        }

        private void OnFailpoint(string point)
        {
            if (point == Failpoints.CopyCreated)
            {
                Interlocked.Increment(ref started);
            }
            else if (point == Failpoints.BatchCopied)
            {
                gate.Wait(TimeSpan.FromMinutes(5));
            }
        }
    }

    /// <summary>A clock whose timers all end when that is asked for.</summary>
    private sealed class HandClock : TimeProvider
    {
        private Action elapse = () => { };

        public void Elapse() => Interlocked.Exchange(ref elapse, () => { })();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            elapse += () => callback(state);
            return new NoTimer();
        }

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
