using System.Text;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.Etcd;

/// <summary>The driver of one etcd member.</summary>
internal sealed class EtcdNode(ulong id, string name, EtcdClient client, EtcdRoster roster) : IEngineMember, IDisposable
{
    // While it defragments, a member answers no read; one that serves answers this one in milliseconds.
    private static readonly TimeSpan LongestProbe = TimeSpan.FromSeconds(1);

    // A few free pages stay in every file that is in use, right after its defragmentation too.
    private const long AlwaysFreeBytes = 64 << 10;

    private volatile StatusResponse? last;

    public ulong Id => id;

    public string Name => name;

    public EtcdClient Client => client;

    private EtcdClusterOptions Options => roster.Options;

    public Task<MemberLook> Observe(bool compacting, CancellationToken cancellationToken) => Explain($"observing {name}", async () =>
    {
        var serving = Serves(cancellationToken);
        var status = await Status(cancellationToken).ConfigureAwait(false);
        var serves = await serving.ConfigureAwait(false);
        var alarms = EtcdAlarms.Of(status).Where(alarm => alarm.Member == id).Select(alarm => alarm.Alarm).Distinct().ToList();
        var (state, reason) = Condition(status, alarms, serves, compacting);
        return new MemberLook(
            state,
            reason,
            status.IsLearner ? MemberRole.Learner : status.IsLeader ? MemberRole.Primary : MemberRole.Secondary,
            (long)status.RaftTerm,
            roster.NameOf(status.Leader),
            new ReplicationLag(LagOf(status), 0),
            DiskSpace.Unseen)
        {
            Version = status.Version,
            Alarms = alarms,
            QuotaBytes = QuotaOf(status),
        };
    });

    public Task<IReadOnlyList<UnitSize>> Inventory(CancellationToken cancellationToken) => Explain($"measuring {name}", async () =>
    {
        var status = await Status(cancellationToken).ConfigureAwait(false);

        // Before 3.4 the size in use is not told: then nothing can be said about what is free.
        var live = status.DbSizeInUse > 0 ? Math.Min(status.DbSizeInUse, status.DbSize) : status.DbSize;
        return (IReadOnlyList<UnitSize>)[new UnitSize(new NodeUnit(), status.DbSize, live, status.DbSize)];
    });

    public IReadOnlyList<UnitEstimate> Estimate(IReadOnlyList<UnitSize> sizes, string mode) =>
    [
        .. sizes.Select(size => new UnitEstimate(
            size,
            size.ReclaimableBytes > AlwaysFreeBytes ? size.ReclaimableBytes : 0,
            size.FileBytes,
            TimeSpan.FromSeconds(size.LiveBytes / (double)EtcdDefragmentation.AssumedBytesPerSecond))
        {
            Refusal = last is { } status ? EtcdRules.Against(status, QuotaOf(status), Options) : "",
        }),
    ];

    public Task<IReadOnlyList<UnitCompacted>> Compact(
        IReadOnlyList<StorageUnit> units, CompactionSettings settings, IProgress<CompactionProgress> progress, CancellationToken cancellationToken) =>
        Explain($"defragmenting {name}", () => new EtcdDefragmentation(this, roster).Run(units, settings, progress, cancellationToken));

    public Task<long> StepDown(string to, CancellationToken cancellationToken) =>
        Explain($"handing leadership from {name} to {to}", () => new EtcdTransfer(this, roster).Run(to, cancellationToken));

    public void Dispose() => client.Dispose();

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
                $"{client.Addresses[0].Authority} leads to member {roster.NameOf(status.Header.MemberId)}, not to {name}: each member needs a client URL of its own");
        }

        last = status;
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
                ? (NodeState.Compacting, "compacts and answers reads")
                : (NodeState.Offline, "defragments and answers neither reads nor writes");
        }

        if (status.Leader == 0)
        {
            return (NodeState.Recovering, "knows no leader");
        }

        return serves
            ? (NodeState.Online, "")
            : (NodeState.Recovering, "answers no reads: it may be defragmented by somebody else, or its disk is slow");
    }

    private Task<T> Explain<T>(string what, Func<Task<T>> work) => EtcdErrors.Explain(what, Options, work);
}
