using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Engines.MongoDb;
using Orchestrator.Engines.Tests.MongoDb;
using Orchestrator.MongoDouble;

namespace Orchestrator.Engines.Tests.Contract;

/// <summary>The contract on the double of a replica set, for versions that differ in what they answer.</summary>
public abstract class MongoDbContract(string version) : DriverContract
{
    protected override Task<IEngineFixture> Fixture() => Task.FromResult<IEngineFixture>(new MongoDbFixture(MongoDoubles.ThreeMembers(version)));

    private sealed class MongoDbFixture(DoubleReplicaSet set) : IEngineFixture
    {
        // A shorter one would be tripped by a busy machine.
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

        private readonly DoubleMember _member = set.Members[1];

        public string Member => _member.Name;

        public CompactionSettings Settings { get; } = new(MongoDbCapabilities.Compact, Force: false, 0, "");

        public int JobsStarted => _member.Compacts.Count;

        public IEngineCluster Open(TimeSpan? patience = null) => MongoDoubles.Open(
            set, options => patience is null ? options : options with { RequestTimeout = Patience });

        public Task<IEngineCluster?> OpenWithWrongCredentials()
        {
            set.Users["admin"] = new DoubleUser("admin", "right");
            return Task.FromResult<IEngineCluster?>(MongoDoubles.Open(set, options => options with { User = "admin", Password = "wrong" }));
        }

        public void Hold() => _member.Held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release()
        {
            var held = _member.Held;
            _member.Held = null;
            held?.TrySetResult();
        }

        public Task Kill()
        {
            _member.Kill();
            return Task.CompletedTask;
        }

        public Task Revive()
        {
            _member.Revive();
            return Task.CompletedTask;
        }

        public void SlowDown(TimeSpan patience) => _member.Slowness = Patience + TimeSpan.FromSeconds(1);

        public ValueTask DisposeAsync()
        {
            Release();
            return set.DisposeAsync();
        }
    }
}

/// <inheritdoc/>
public sealed class MongoDb44ContractTests() : MongoDbContract("4.4.29");

/// <summary>5.0.2 goes to RECOVERING while it compacts.</summary>
public sealed class MongoDb502ContractTests() : MongoDbContract("5.0.2");

/// <inheritdoc/>
public sealed class MongoDb60ContractTests() : MongoDbContract("6.0.16");

/// <inheritdoc/>
public sealed class MongoDb70ContractTests() : MongoDbContract("7.0.14");

/// <inheritdoc/>
public sealed class MongoDb80ContractTests() : MongoDbContract("8.0.4");

/// <summary>MMAPv1, MONGODB-CR, queries in place of commands.</summary>
public sealed class MongoDb26ContractTests() : MongoDbContract("2.6.12");

/// <summary>The last version that needs OP_QUERY.</summary>
public sealed class MongoDb34ContractTests() : MongoDbContract("3.4.24");

/// <summary>The last version that the official driver does not speak to.</summary>
public sealed class MongoDb42ContractTests() : MongoDbContract("4.2.24");
