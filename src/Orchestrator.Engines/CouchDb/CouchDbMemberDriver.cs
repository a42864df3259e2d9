using System.Collections.Concurrent;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Engines.CouchDb;

/// <summary>The driver of one node. The node may have several jobs, each in another range.</summary>
internal sealed class CouchDbMemberDriver(string name, CouchDbRoster roster) : IEngineMember, IDisposable
{
    // Those that have ended are kept until it is certain that their end was told.
    private const int JobsKept = 64;

    private readonly CancellationTokenSource _stopping = new();
    private readonly CouchDbObserver _observer = new(name, roster);
    private readonly CouchDbInventory _inventory = new(name, roster);
    private readonly ConcurrentDictionary<CompactionTicket, CouchDbJob> _jobs = new();

    public event Action? StateChanged;

    public string Name => name;

    public Task<MemberObservation> Observe(CancellationToken cancellationToken) =>
        Explain($"observing {name}", () => _observer.Look([.. _jobs.Values.Where(job => job.AtWork is not null)], cancellationToken));

    public Task<MemberInventory> Inventory(InventoryRequest request, CancellationToken cancellationToken) =>
        Explain($"measuring {name}", () => _inventory.Take(request, cancellationToken));

    public Task<JobId> Start(JobOrder order, CancellationToken cancellationToken) => Explain($"compacting on {name}", async () =>
    {
        CouchDbJob.Check(order);
        var job = new CouchDbJob(name, roster, order, new StartedJobId(order.Ticket, roster.Time.GetUtcNow()));
        await job.Begin(cancellationToken).ConfigureAwait(false);
        Keep(job);
        _ = Carry(job);
        return job.Id.ToJobId();
    });

    /// <summary>CouchDB does not tell who ordered a compaction: one of a unit of the order that is at work counts as the order's.</summary>
    public Task<JobId?> Find(JobOrder order, CancellationToken cancellationToken) => Explain($"looking for a compaction on {name}", async () =>
    {
        var job = new CouchDbJob(name, roster, order, new StartedJobId(order.Ticket, roster.Time.GetUtcNow()));
        return await job.IsSeen(cancellationToken).ConfigureAwait(false) ? job.Id.ToJobId() : null;
    });

    public Task<JobStatus> Poll(JobOrder order, JobId known, CancellationToken cancellationToken) => Explain($"watching the compaction on {name}", async () =>
    {
        if (StartedJobId.Parse(known) is not { } parsed || parsed.Ticket != order.Ticket)
        {
            return new JobStatus.Unknown($"{name} has no job {known}");
        }

        if (!_jobs.TryGetValue(parsed.Ticket, out var job))
        {
            job = new CouchDbJob(name, roster, order, parsed).Watching();
            Keep(job);
        }

        return await job.Poll(cancellationToken).ConfigureAwait(false);
    });

    public Task<long> StepDown(string replicaSet, string to, CancellationToken cancellationToken) =>
        throw new EngineException(EngineFault.WrongState, $"all copies of {replicaSet} are equal: there is no role to hand over");

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private void Keep(CouchDbJob job)
    {
        foreach (var (ticket, _) in _jobs.Where(pair => pair.Value.AtWork is null).OrderBy(pair => pair.Value.Id.StartedAt).Take(_jobs.Count + 1 - JobsKept).ToList())
        {
            _jobs.TryRemove(ticket, out _);
        }

        _jobs[job.Ticket] = job;
    }

    private async Task Carry(CouchDbJob job)
    {
        await job.Run(_stopping.Token).ConfigureAwait(false);
        StateChanged?.Invoke();
    }

    private Task<T> Explain<T>(string what, Func<Task<T>> work) => CouchDbErrors.Explain(what, roster.Options, work);
}
