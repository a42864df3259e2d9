using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.MongoDb;

/// <summary>The driver of one member.</summary>
internal sealed class MongoDbMemberDriver(string name, MongoDbSet set, MongoDbRoster roster, IMongoDbConnection connection) : IEngineMember, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly MongoDbLeftovers _leftovers = new();
    private volatile MongoDbJob? _job;

    public event Action? StateChanged;

    public string Name => name;

    public string Address => connection.Address;

    public MongoDbSet Set => set;

    public MongoDbCalls Calls { get; } = new(connection, roster.Options.RequestTimeout);

    public bool BelongsToShardedCluster => roster.Router is not null;

    public bool ChunksAreMoving => roster.MovesChunks;

    /// <summary>What it has against a standing setting; empty for nothing.</summary>
    public string Trouble { get; set; } = "";

    public Task<MemberObservation> Observe(CancellationToken cancellationToken) =>
        Explain($"observing {name}", () => new MongoDbObserver(this).Look(cancellationToken));

    public Task<MemberInventory> Inventory(InventoryRequest request, CancellationToken cancellationToken) => Explain($"measuring {name}", async () =>
    {
        var hello = await Identify(cancellationToken).ConfigureAwait(false);
        return hello.IsArbiter
            ? new MemberInventory([])
            : await new MongoDbInventory(Calls, _leftovers, set.Configuration.IsOfConfigServers).Take(request, await Calls.Version(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    });

    public Task<JobId> Start(JobOrder order, CancellationToken cancellationToken) => Explain($"compacting {name}", async () =>
    {
        var version = await Calls.Version(cancellationToken).ConfigureAwait(false);
        MongoDbOrders.Check(order, name, version);
        await Admit(order.Settings, cancellationToken).ConfigureAwait(false);
        var id = new StartedJobId(order.Ticket, roster.Time.GetUtcNow());
        var running = await Calls.Compactions(cancellationToken).ConfigureAwait(false);
        if (running.Any(operation => operation.IsOf(order.Ticket)))
        {
            return id.ToJobId();
        }

        if (running.FirstOrDefault() is { } other)
        {
            throw new EngineException(
                EngineFault.WrongState, $"{name} compacts {other.Namespace} for {other.Whose}, since {other.Runs.TotalSeconds:0} s; wait until that has ended");
        }

        await roster.AutoCompact.Suspend(this, version, cancellationToken).ConfigureAwait(false);
        var begun = new MongoDbJob(this, roster, order, id, version);
        _job = begun;
        _ = Carry(begun);
        return id.ToJobId();
    });

    public Task<JobId?> Find(JobOrder order, CancellationToken cancellationToken) => Explain($"looking for a compaction of {name}", async () =>
    {
        var running = await Calls.Compactions(cancellationToken).ConfigureAwait(false);
        return running.FirstOrDefault(operation => operation.IsOf(order.Ticket)) is { } found
            ? new StartedJobId(order.Ticket, roster.Time.GetUtcNow() - found.Runs).ToJobId()
            : null;
    });

    public Task<JobStatus> Poll(JobOrder order, JobId known, CancellationToken cancellationToken) => Explain($"watching the compaction of {name}", async () =>
    {
        if (StartedJobId.Parse(known) is not { } parsed || parsed.Ticket != order.Ticket)
        {
            return new JobStatus.Unknown($"{name} has no job {known}");
        }

        if (_job is not { } job || job.Id.Ticket != parsed.Ticket)
        {
            var version = await Calls.Version(cancellationToken).ConfigureAwait(false);
            _job = job = new MongoDbJob(this, roster, order, parsed, version).Watching();
        }

        return await job.Poll(cancellationToken).ConfigureAwait(false);
    });

    public Task Cancel(JobOrder order, JobId job, CancellationToken cancellationToken) => Explain($"cancelling the compaction of {name}", async () =>
    {
        if (_job is { } own && own.Id.Ticket == order.Ticket)
        {
            own.Stop();
        }

        foreach (var operation in (await Calls.Compactions(cancellationToken).ConfigureAwait(false)).Where(operation => operation.IsOf(order.Ticket)))
        {
            await Calls.KillOperation(operation.Id, cancellationToken).ConfigureAwait(false);
        }

        return true;
    });

    public Task<long> StepDown(string replicaSet, string to, CancellationToken cancellationToken) =>
        Explain($"handing the role of primary from {name} to {to}", () => new MongoDbStepDown(this, roster).Run(to, cancellationToken));

    /// <summary>Who answers, after it was made sure that it is this member.</summary>
    public async Task<MongoDbHello> Identify(CancellationToken cancellationToken)
    {
        var hello = await Calls.Hello(cancellationToken).ConfigureAwait(false);
        if (set.IsReplicaSet && hello.Set.Length > 0 && hello.Set != set.Name)
        {
            throw new EngineException(EngineFault.Misconfigured, $"{connection.Address} is a member of replica set {hello.Set}, not of {set.Name}, to which {name} belongs");
        }

        if (set.IsReplicaSet && hello.Me.Length > 0 && hello.Me != name)
        {
            throw new EngineException(
                EngineFault.Misconfigured,
                $"{connection.Address} leads to member {hello.Me}, not to {name}: correct clusters.{roster.Options.Name}.addresses");
        }

        return hello;
    }

    /// <summary>The last look before the work: a primary is touched only when that was forced.</summary>
    public async Task Admit(CompactionSettings settings, CancellationToken cancellationToken)
    {
        var hello = await Identify(cancellationToken).ConfigureAwait(false);
        if (!set.IsReplicaSet)
        {
            return;
        }

        if (hello.IsPrimary && !settings.Force)
        {
            throw new EngineException(EngineFault.WrongState, $"{name} is the primary now; it must step down first");
        }

        if (!hello.IsPrimary && !hello.IsSecondary)
        {
            throw new EngineException(EngineFault.WrongState, $"{name} is neither primary nor secondary now; wait until it has caught up");
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
        connection.Dispose();
    }

    public Task<MongoDbSizes?> Sizes(StorageUnit unit, CancellationToken cancellationToken) => Calls.Sizes(unit.Database, unit.Collection, cancellationToken);

    /// <summary>Takes down how a compaction has left a collection.</summary>
    public void Compacted(StorageUnit unit, MongoDbSizes? after) => _leftovers.Note(unit, after);

    private async Task Carry(MongoDbJob begun)
    {
        await begun.Run(_stopping.Token).ConfigureAwait(false);
        StateChanged?.Invoke();
    }

    private Task<T> Explain<T>(string what, Func<Task<T>> work) => MongoDbErrors.Explain(what, roster.Options, work);
}
