using System.Text;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.Etcd;

/// <summary>The driver of one etcd member.</summary>
internal sealed class EtcdMemberDriver(ulong id, string name, EtcdClient client, EtcdRoster roster) : IEngineMember, IDisposable
{
    // While it defragments, a member answers no read; one that serves answers this one in milliseconds.
    private static readonly TimeSpan LongestProbe = TimeSpan.FromSeconds(1);

    // A few free pages stay in every file that is in use, right after its defragmentation too.
    private const long AlwaysFreeBytes = 64 << 10;

    private readonly CancellationTokenSource stopping = new();
    private volatile EtcdJob? job;
    private volatile bool isWorking;

    public ulong Id => id;

    public string Name => name;

    public EtcdClient Client => client;

    private EtcdClusterOptions Options => roster.Options;

    public event Action? StateChanged;

    public Task<MemberObservation> Observe(CancellationToken cancellationToken) => Explain($"observing {name}", async () =>
    {
        var serving = Serves(cancellationToken);
        var status = await Status(cancellationToken).ConfigureAwait(false);
        var serves = await serving.ConfigureAwait(false);
        var alarms = EtcdAlarms.Of(status).Where(alarm => alarm.Member == id).Select(alarm => alarm.Alarm).Distinct().ToList();
        var (state, reason) = Condition(status, alarms, serves, isWorking);
        return new MemberObservation(
            state,
            reason,
            status.IsLearner ? MemberRole.Learner : status.IsLeader ? MemberRole.Primary : MemberRole.Secondary,
            (long)status.RaftTerm,
            roster.NameOf(status.Leader),
            new ReplicationLag(LagOf(status), 0),
            DiskSpace.Unseen,
            EtcdCapabilities.Instance)
        {
            Version = status.Version,
            Alarms = alarms,
            QuotaBytes = QuotaOf(status),
        };
    });

    public Task<MemberInventory> Inventory(InventoryRequest request, CancellationToken cancellationToken) => Explain($"measuring {name}", async () =>
    {
        var status = await Status(cancellationToken).ConfigureAwait(false);

        // Before 3.4 the size in use is not told: then nothing can be said about what is free.
        var live = status.DbSizeInUse > 0 ? Math.Min(status.DbSizeInUse, status.DbSize) : status.DbSize;
        var size = new UnitSize(new NodeUnit(), status.DbSize, live, status.DbSize);
        return new MemberInventory([new UnitEstimate(
            size,
            size.ReclaimableBytes > AlwaysFreeBytes ? size.ReclaimableBytes : 0,
            size.FileBytes,
            TimeSpan.FromSeconds(size.LiveBytes / (double)EtcdJob.AssumedBytesPerSecond))
        {
            Refusal = EtcdRules.Against(status, QuotaOf(status), Options),
        }]);
    });

    public Task<JobId> Start(JobOrder order, CancellationToken cancellationToken) => Explain($"defragmenting {name}", async () =>
    {
        if (order.Units is not [{ Unit: NodeUnit }])
        {
            throw new EngineException(EngineFault.Failed, "etcd defragments only whole members");
        }

        var before = await Admit(order.Settings, cancellationToken).ConfigureAwait(false);
        var begun = new EtcdJob(this, roster, order, new EtcdJobId(id, before.DbSize, roster.Time.GetUtcNow()));
        (job, isWorking) = (begun, true);
        _ = Carry(begun);
        return begun.Id.ToJobId();
    });

    /// <summary>A member that answers no reads may be at it; one whose file has shrunk was. Of what is left nothing can be seen.</summary>
    public Task<JobId?> Find(JobOrder order, CancellationToken cancellationToken) => Explain($"looking for a defragmentation of {name}", async () =>
    {
        var serves = await Serves(cancellationToken).ConfigureAwait(false);
        var status = await Status(cancellationToken).ConfigureAwait(false);
        var before = order.Units is [var size] ? size.FileBytes : 0;
        return serves && (before == 0 || status.DbSize >= before)
            ? null
            : new EtcdJobId(id, before, roster.Time.GetUtcNow()).ToJobId();
    });

    public Task<JobStatus> Poll(JobOrder order, JobId known, CancellationToken cancellationToken) => Explain($"watching the defragmentation of {name}", async () =>
    {
        var parsed = EtcdJobId.Parse(known);
        if (parsed is null || parsed.Member != id)
        {
            return new JobStatus.Unknown($"{name} has no job {known}");
        }

        var own = job is { } begun && begun.Id.ToJobId() == known ? begun : null;
        var status = own?.Status ?? await (own ?? new EtcdJob(this, roster, order, parsed)).Watch(cancellationToken).ConfigureAwait(false);
        isWorking = status is JobStatus.Running;
        return status;
    });

    public Task<long> StepDown(string replicaSet, string to, CancellationToken cancellationToken) =>
        Explain($"handing leadership from {name} to {to}", () => new EtcdTransfer(this, roster).Run(to, cancellationToken));

    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
        client.Dispose();
    }

    /// <summary>The member's status, after it was made sure that it is this member, of this cluster.</summary>
    public async Task<StatusResponse> Status(CancellationToken cancellationToken)
    {
        var status = await client.Call(EtcdCalls.Status, new EmptyRequest(), Options.RequestTimeout, cancellationToken).ConfigureAwait(false);
        if (!roster.IsOurs(status.Header.ClusterId))
        {
            throw new EngineException(
                EngineFault.Misconfigured,
                $"{client.Addresses[0].Authority} answers for cluster {EtcdRoster.Hex(status.Header.ClusterId)}, not for {EtcdRoster.Hex(roster.ClusterId)}, to which {name} belongs");
        }

        if (status.Header.MemberId != id)
        {
            throw new EngineException(
                EngineFault.Misconfigured,
                $"{client.Addresses[0].Authority} leads to member {roster.NameOf(status.Header.MemberId)}, not to {name}: each member needs its own client URL");
        }

        return status;
    }

    /// <summary>The last look before the work: the leader is touched only when that was forced.</summary>
    public async Task<StatusResponse> Admit(CompactionSettings settings, CancellationToken cancellationToken)
    {
        var status = await Status(cancellationToken).ConfigureAwait(false);
        if (status.IsLeader && !settings.Force)
        {
            throw new EngineException(EngineFault.WrongState, $"{name} is the leader now; leadership must move first");
        }

        return status;
    }

    /// <summary>Whether the member answers a read of its own data. An answer that refuses is an answer.</summary>
    public async Task<bool> Serves(CancellationToken cancellationToken)
    {
        var patience = Options.RequestTimeout < LongestProbe ? Options.RequestTimeout : LongestProbe;
        try
        {
            var key = Encoding.UTF8.GetBytes(Options.LockKey);
            await client.Call(EtcdCalls.Range, new RangeRequest(key, Serializable: true, KeysOnly: true), patience, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (EtcdRefusal)
        {
            return true;
        }
        catch (EngineException)
        {
            return false;
        }
    }

    /// <summary>Entries that it has yet to apply, by its own knowledge and by the others'.</summary>
    public long LagOf(StatusResponse status)
    {
        var own = status.RaftIndex > status.RaftAppliedIndex ? (long)(status.RaftIndex - status.RaftAppliedIndex) : 0;
        return Math.Max(own, roster.LagOf(id, status.RaftAppliedIndex));
    }

    private long QuotaOf(StatusResponse status) => status.DbSizeQuota > 0 ? status.DbSizeQuota : Options.QuotaBytes;

    private static (NodeState State, string Reason) Condition(StatusResponse status, List<string> alarms, bool serves, bool compacting)
    {
        if (alarms.Contains(EtcdAlarms.Corrupt))
        {
            return (NodeState.Failed, "has the alarm CORRUPT: its data differs from the other members'; replace the member before anything else");
        }

        if (compacting)
        {
            return serves
                ? (NodeState.Compacting, "defragments")
                : (NodeState.Offline, "defragments and answers neither reads nor writes");
        }

        if (status.Leader == 0)
        {
            return (NodeState.Recovering, "has no leader");
        }

        return serves
            ? (NodeState.Online, "")
            : (NodeState.Recovering, "does not answer reads: somebody else may be defragmenting it, or its disk is slow");
    }

    private async Task Carry(EtcdJob begun)
    {
        await begun.Run(stopping.Token).ConfigureAwait(false);
        StateChanged?.Invoke();
    }

    private Task<T> Explain<T>(string what, Func<Task<T>> work) => EtcdErrors.Explain(what, Options, work);
}
