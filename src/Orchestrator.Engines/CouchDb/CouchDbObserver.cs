using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.CouchDb;

/// <summary>Looks at a node. Remembers when its copies last had everything that the other copies had.</summary>
internal sealed class CouchDbObserver(string node, CouchDbRoster roster)
{
    private readonly CouchDbCalls _calls = roster.Calls(node);
    private string _version = "";
    private long? _caughtUpAt;

    /// <param name="job">What this process has the node do; null for nothing.</param>
    public async Task<MemberObservation> Look(CouchDbJob? job, CancellationToken cancellationToken)
    {
        var system = await _calls.System(cancellationToken).ConfigureAwait(false);
        var hasOwnAddress = roster.Endpoints.AddressOf(node) is not null;
        var maintenance = hasOwnAddress
            ? await _calls.Up(cancellationToken).ConfigureAwait(false)
            : await _calls.MaintenanceMode(cancellationToken).ConfigureAwait(false);
        var smoosh = hasOwnAddress ? await _calls.Smoosh(cancellationToken).ConfigureAwait(false) : null;
        if (_version.Length == 0)
        {
            _version = (await _calls.Welcome(cancellationToken).ConfigureAwait(false)).TextOf("version");
        }

        var tasks = await roster.Tasks(cancellationToken).ConfigureAwait(false);
        var lag = LagOf(system.NumberOf("internal_replication_jobs"));
        var work = WorkOf(tasks, job);
        var (state, reason) = maintenance switch
        {
            "nolb" when work.Count == 0 => (NodeState.Online, "is taken out of the load balancer (maintenance mode nolb)"),
            "" when work.Count == 0 && smoosh is { Active: > 0 } or { Waiting: > 0 } =>
                (NodeState.Online, $"its automatic compaction (smoosh) has {smoosh.Active} at work and {smoosh.Waiting} waiting"),
            "" when work.Count == 0 && roster.HeldFor.Length > 0 => (NodeState.Online, $"its automatic compaction (smoosh) is held for run {roster.HeldFor}"),
            "" or "nolb" => Busy(work),
            "maintenance_mode" or "true" => (NodeState.Recovering, "is in maintenance mode"),
            _ => (NodeState.Recovering, $"is not ready ({maintenance})"),
        };
        return new MemberObservation(state, reason, MemberRole.Secondary, 0, "", lag, await roster.Disks.SpaceOf(node, cancellationToken).ConfigureAwait(false), CouchDbCapabilities.Instance)
        {
            Version = _version,
            Memberships = state == NodeState.Compacting ? Memberships(work, lag) : [],
        };
    }

    private static (NodeState State, string Reason) Busy(IReadOnlyDictionary<string, string> work) => work.Count == 0
        ? (NodeState.Online, "")
        : (NodeState.Compacting, $"compacts {string.Join(", ", work.Values.Order(StringComparer.Ordinal))}");

    /// <summary>What the node compacts: for each replica set, what of it and for whom. Short work never shows among the tasks.</summary>
    private Dictionary<string, string> WorkOf(IReadOnlyList<CouchDbTask> tasks, CouchDbJob? job)
    {
        var own = job?.AtWork;
        var work = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var task in tasks.Where(task => task.Node == node))
        {
            work[task.Set] = own is not null && task.IsOf(own) ? Own(job!) : $"{task.Where} (not ordered from here: by smoosh, or by somebody else)";
        }

        if (own is { Collection.Length: > 0 } || (own is not null && roster.Endpoints.Version.IsSingle))
        {
            work[own.Home] = Own(job!);
        }

        return work;

        static string Own(CouchDbJob job) => $"{job.AtWork?.Path} for run {job.Ticket.RunId}";
    }

    /// <summary>Only the copies at work are busy; the node's other copies serve their sets as before.</summary>
    private IReadOnlyList<SetMembership> Memberships(IReadOnlyDictionary<string, string> work, ReplicationLag lag) =>
    [
        .. roster.CopiesOn(node).Select(copy => CouchDbDatabase.SetOf(copy.Database.Name, copy.Range)).Select(set => work.TryGetValue(set, out var what)
            ? new SetMembership(set, NodeState.Compacting, $"compacts {what}", MemberRole.Secondary, 0, "", lag)
            : new SetMembership(set, NodeState.Online, "", MemberRole.Secondary, 0, "", lag)),
    ];

    /// <summary>While jobs of the internal replication wait, copies differ. Under writes a few come and go, so the time counts for which there were some.</summary>
    private ReplicationLag LagOf(long jobs)
    {
        var now = roster.Time.GetTimestamp();
        if (jobs == 0)
        {
            _caughtUpAt = now;
            return ReplicationLag.None;
        }

        _caughtUpAt ??= now;
        return new ReplicationLag(jobs, Math.Round(roster.Time.GetElapsedTime(_caughtUpAt.Value, now).TotalSeconds, 1));
    }
}
