using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.Milvus;

/// <summary>The driver of the cluster as a whole.</summary>
internal sealed class MilvusMember(MilvusCalls calls, MilvusClusterOptions options, TimeProvider time) : IEngineMember, IDisposable
{
    // A look at very many collections must not be in the way of the cluster's own work.
    private const int AtOnce = 4;

    private readonly CancellationTokenSource _stopping = new();
    private readonly MilvusSizes _sizes = new(calls);
    private volatile MilvusJob? _job;

    public event Action? StateChanged;

    public string Name => MilvusCluster.MemberName;

    public Task<MemberObservation> Observe(CancellationToken cancellationToken) => Explain($"observing {options.Name}", async () =>
    {
        await calls.Databases(cancellationToken).ConfigureAwait(false);
        var version = await calls.Version(cancellationToken).ConfigureAwait(false);
        var working = _job is { IsEnded: false } job ? job.Describe() : "";
        return new MemberObservation(
            working.Length > 0 ? NodeState.Compacting : NodeState.Online,
            working,
            MemberRole.Primary,
            0,
            Name,
            ReplicationLag.None,
            DiskSpace.Unseen,
            MilvusCapabilities.Of(options, version))
        {
            // Only gRPC tells it; from these on the calls that are used are there.
            Version = version ?? (options.Management is null ? "2.5+" : "2.4+"),
        };
    });

    public Task<MemberInventory> Inventory(InventoryRequest request, CancellationToken cancellationToken) => Explain($"measuring {options.Name}", async () =>
    {
        IReadOnlyList<string> databases = options.Database.Length > 0 ? [options.Database] : await calls.Databases(cancellationToken).ConfigureAwait(false);
        var units = new List<DocumentsUnit>();
        foreach (var database in databases)
        {
            units.AddRange((await calls.Collections(database, cancellationToken).ConfigureAwait(false)).Select(name => new DocumentsUnit(database, name)));
        }

        var configuration = (await calls.Configuration(cancellationToken).ConfigureAwait(false)).For(request.Options);
        using var slots = new SemaphoreSlim(AtOnce);
        var measured = await Task.WhenAll(units.Select(async unit =>
        {
            await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await _sizes.Measure(unit, configuration, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                slots.Release();
            }
        })).ConfigureAwait(false);
        return new MemberInventory([.. measured.OfType<UnitEstimate>()]);
    });

    public Task<JobId> Start(JobOrder order, CancellationToken cancellationToken) => Explain($"compacting {options.Name}", async () =>
    {
        if (order.Units.FirstOrDefault(size => size.Unit is not DocumentsUnit) is { } strange)
        {
            throw new EngineException(EngineFault.Failed, $"Milvus compacts whole collections, not {strange.Unit.Path}");
        }

        var begun = new MilvusJob(calls, _sizes, options, time, order);
        var id = await begun.Begin(cancellationToken).ConfigureAwait(false);
        _job = begun;
        _ = Carry(begun);
        return id.ToJobId();
    });

    /// <summary>
    /// Milvus shows a compaction only to who has its id. Ordering one again does no harm: segments that are held by the first one are not
    /// scheduled twice.
    /// </summary>
    public Task<JobId?> Find(JobOrder order, CancellationToken cancellationToken) => Task.FromResult<JobId?>(null);

    public Task<JobStatus> Poll(JobOrder order, JobId known, CancellationToken cancellationToken) => Explain($"watching the compaction of {options.Name}", async () =>
    {
        if (MilvusJobId.Parse(known) is not { } parsed || parsed.Ticket != order.Ticket)
        {
            return new JobStatus.Unknown($"{options.Name} has no job {known}");
        }

        if (_job is not { } job || job.Ticket != order.Ticket)
        {
            _job = job = new MilvusJob(calls, _sizes, options, time, order).Watching(parsed);
        }

        return await job.Poll(cancellationToken).ConfigureAwait(false);
    });

    public Task<long> StepDown(string replicaSet, string to, CancellationToken cancellationToken) =>
        throw new EngineException(EngineFault.WrongState, "Milvus has no primary that could step down");

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task Carry(MilvusJob begun)
    {
        await begun.Run(_stopping.Token).ConfigureAwait(false);
        StateChanged?.Invoke();
    }

    private Task<T> Explain<T>(string what, Func<Task<T>> work) => MilvusErrors.Explain(what, options, work);
}
