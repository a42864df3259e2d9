using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.RavenDb;

/// <summary>The driver of one node.</summary>
internal sealed class RavenDbMember(string tag, RavenDbRoster roster, RavenDbCalls calls) : IEngineMember, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private volatile RavenDbJob? _job;

    public event Action? StateChanged;

    public string Name => tag;

    public RavenDbCalls Calls => calls;

    /// <summary>The job that this process began or was asked about last, if it is at work.</summary>
    public RavenDbJob? Working => _job is { IsEnded: false } job ? job : null;

    public Task<MemberObservation> Observe(CancellationToken cancellationToken) =>
        Explain($"observing {tag}", () => new RavenDbObserver(this, roster).Look(cancellationToken));

    public Task<MemberInventory> Inventory(InventoryRequest request, CancellationToken cancellationToken) =>
        Explain($"measuring {tag}", () => new RavenDbInventory(tag, calls, roster.Options).Take(request, cancellationToken));

    public Task<JobId> Start(JobOrder order, CancellationToken cancellationToken) => Explain($"compacting on {tag}", async () =>
    {
        var units = RavenDbOrders.Check(order, tag);
        await RavenDbOrders.Admit(order, this, cancellationToken).ConfigureAwait(false);
        var begun = new RavenDbJob(this, roster, order, units);
        var id = await begun.Begin(cancellationToken).ConfigureAwait(false);
        _job = begun;
        _ = Carry(begun);
        return id.ToJobId();
    });

    public Task<JobId?> Find(JobOrder order, CancellationToken cancellationToken) => Explain($"looking for a compaction on {tag}", async () =>
    {
        // An operation whose id was lost cannot be asked for; that documents are compacted shows in the database itself.
        var units = RavenDbOrders.Check(order, tag);
        var documents = units.Count - 1;
        return RavenDbOrders.IsDocuments(units[documents].Unit) && await IsCompacting(units[documents].Unit.Database, cancellationToken).ConfigureAwait(false)
            ? new RavenDbJobId(order.Ticket, tag, documents, 0).ToJobId()
            : null;
    });

    public Task<JobStatus> Poll(JobOrder order, JobId known, CancellationToken cancellationToken) => Explain($"watching the compaction on {tag}", async () =>
    {
        if (RavenDbJobId.Parse(known) is not { } parsed || parsed.Ticket != order.Ticket || parsed.Node != tag)
        {
            return new JobStatus.Unknown($"{tag} has no job {known}");
        }

        if (_job is not { } job || job.Ticket != order.Ticket)
        {
            _job = job = new RavenDbJob(this, roster, order, RavenDbOrders.Check(order, tag)).Watching(parsed);
        }

        return await job.Poll(cancellationToken).ConfigureAwait(false);
    });

    public Task Cancel(JobOrder order, JobId known, CancellationToken cancellationToken) => Explain($"cancelling the compaction on {tag}", async () =>
    {
        var job = _job is { } own && own.Ticket == order.Ticket ? own : null;
        job?.Stop();
        var operation = job?.Operation ?? RavenDbJobId.Parse(known)?.Operation ?? 0;
        if (operation > 0)
        {
            await calls.Kill(operation, cancellationToken).ConfigureAwait(false);
            return true;
        }

        throw new EngineException(EngineFault.WrongState, $"the id of the operation on {tag} is not known, so that it cannot be ended from here");
    });

    public Task<long> StepDown(string replicaSet, string to, CancellationToken cancellationToken) =>
        Explain($"moving the clients of {replicaSet} from {tag} to {to}", () => new RavenDbReorder(this, roster).Run(replicaSet, to, cancellationToken));

    /// <summary>Whether the documents of a database are being compacted on this node, by whomever.</summary>
    public async Task<bool> IsCompacting(string database, CancellationToken cancellationToken) =>
        await calls.Database(database, cancellationToken).ConfigureAwait(false) is { IsCompacting: true };

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
        calls.Dispose();
    }

    private async Task Carry(RavenDbJob begun)
    {
        await begun.Run(_stopping.Token).ConfigureAwait(false);
        StateChanged?.Invoke();
    }

    private Task<T> Explain<T>(string what, Func<Task<T>> work) => RavenDbErrors.Explain(what, roster.Options, work);
}
