using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.Etcd;

/// <summary>One defragmentation of one member, from the look before it to the member's first answer after it.</summary>
internal sealed class EtcdDefragmentation(EtcdNode node, EtcdRoster roster)
{
    /// <summary>The speed that estimates assume, in bytes of live data per second.</summary>
    public const long AssumedBytesPerSecond = 64L << 20;

    private static readonly TimeSpan ServingPoll = TimeSpan.FromMilliseconds(50);

    private EtcdClusterOptions Options => roster.Options;

    public async Task<IReadOnlyList<UnitCompacted>> Run(
        IReadOnlyList<StorageUnit> units, CompactionSettings settings, IProgress<CompactionProgress> progress, CancellationToken cancellationToken)
    {
        if (units is not [NodeUnit])
        {
            throw new EngineException(EngineFault.Failed, "etcd defragments a whole member, nothing smaller");
        }

        var before = await Admit(settings, cancellationToken).ConfigureAwait(false);
        if (settings.EngineOptions.Whole(EtcdCapabilities.CompactHistory, 0) is > 0 and var kept)
        {
            Report(progress, "compacting history");
            await CompactHistory(before.Header.Revision - kept, cancellationToken).ConfigureAwait(false);

            // Leadership may have moved meanwhile.
            before = await Admit(settings, cancellationToken).ConfigureAwait(false);
        }

        Report(progress, "defragmenting");
        var started = roster.Time.GetTimestamp();
        await Defragment(cancellationToken).ConfigureAwait(false);
        var took = roster.Time.GetElapsedTime(started);
        var after = await AwaitServing(cancellationToken).ConfigureAwait(false);
        if (settings.EngineOptions.IsOn(EtcdCapabilities.DisarmNoSpace))
        {
            Report(progress, "disarming alarms");
            await Disarm(after, cancellationToken).ConfigureAwait(false);
        }

        return [new UnitCompacted(new NodeUnit(), before.DbSize, after.DbSize, 0, 0, took, took)];
    }

    private static void Report(IProgress<CompactionProgress> progress, string stage) =>
        progress.Report(new CompactionProgress(new NodeUnit().Path, stage, 0, 0, 1, 0, 0));

    /// <summary>The last look before the work: the leader is touched only when that was forced.</summary>
    private async Task<StatusResponse> Admit(CompactionSettings settings, CancellationToken cancellationToken)
    {
        var status = await node.Status(cancellationToken).ConfigureAwait(false);
        if (status.IsLeader && !settings.Force)
        {
            throw new EngineException(EngineFault.WrongState, $"{node.Name} is the leader now; leadership must move first");
        }

        return status;
    }

    /// <summary>
    /// Asked of the member itself, with <c>physical</c>: it answers when its own old revisions are removed, so that the
    /// defragmentation after it gets their space back.
    /// </summary>
    private async Task CompactHistory(long revision, CancellationToken cancellationToken)
    {
        if (revision <= 0)
        {
            return;
        }

        try
        {
            await node.Client.Call(
                EtcdCalls.CompactHistory, new CompactionRequestBody(revision, Physical: true), Options.HistoryTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (EtcdRefusal refusal) when (refusal.IsCompactedAlready)
        {
            // An earlier member of the run, or etcd's own auto-compaction, has come first.
        }
    }

    private async Task Defragment(CancellationToken cancellationToken)
    {
        try
        {
            await node.Client.Call(EtcdCalls.Defragment, new EmptyRequest(), Options.DefragmentTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (EtcdRefusal refusal) when (refusal.IsLearnerRefusal)
        {
            throw new EngineException(EngineFault.WrongState, $"{node.Name} is a learner, which this version of etcd does not defragment", refusal);
        }
    }

    private async Task<StatusResponse> AwaitServing(CancellationToken cancellationToken)
    {
        var started = roster.Time.GetTimestamp();
        while (!await node.Serves(cancellationToken).ConfigureAwait(false))
        {
            if (roster.Time.GetElapsedTime(started) > Options.TransferTimeout)
            {
                throw new EngineException(EngineFault.Unreachable, $"{node.Name} is defragmented but has answered no read for {Options.TransferTimeout.TotalSeconds:0} s since");
            }

            await Task.Delay(ServingPoll, roster.Time, cancellationToken).ConfigureAwait(false);
        }

        return await node.Status(cancellationToken).ConfigureAwait(false);
    }

    private async Task Disarm(StatusResponse status, CancellationToken cancellationToken)
    {
        foreach (var (member, _) in EtcdAlarms.Of(status).Where(alarm => alarm.Alarm == EtcdAlarms.NoSpace))
        {
            await node.Client.Call(
                EtcdCalls.Alarm, new AlarmRequest("DEACTIVATE", member, EtcdAlarms.NoSpace), Options.RequestTimeout, cancellationToken).ConfigureAwait(false);
        }
    }
}
