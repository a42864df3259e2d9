using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Etcd;

/// <summary>Hands leadership from one member, only if it is the leader, to another that has everything the leader had.</summary>
internal sealed class EtcdTransfer(EtcdMemberDriver leader, EtcdRoster roster)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private EtcdClusterOptions Options => roster.Options;

    /// <returns>The new term.</returns>
    public async Task<long> Run(string to, CancellationToken cancellationToken)
    {
        var target = roster.Nodes.FirstOrDefault(node => node.Name == to)
            ?? throw new EngineException(EngineFault.WrongState, $"there is no member {to}");
        var status = await leader.Status(cancellationToken).ConfigureAwait(false);
        if (!status.IsLeader)
        {
            throw new EngineException(
                EngineFault.WrongState,
                status.Leader == 0 ? $"{leader.Name} has no leader" : $"{leader.Name} is not the leader; {roster.NameOf(status.Leader)} is");
        }

        await AwaitCaughtUp(target, status.RaftIndex, cancellationToken).ConfigureAwait(false);
        await leader.Client.Call(
            EtcdCalls.TransferLeadership, new TransferRequest(target.Id), Options.TransferTimeout, cancellationToken).ConfigureAwait(false);
        return await AwaitLeading(target, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Raft makes sure that the target has the log; that it has also applied it is what clients would wait for.</summary>
    private async Task AwaitCaughtUp(EtcdMemberDriver target, ulong index, CancellationToken cancellationToken)
    {
        var started = roster.Time.GetTimestamp();
        while (true)
        {
            var status = await target.Status(cancellationToken).ConfigureAwait(false);
            if (status.IsLearner)
            {
                throw new EngineException(EngineFault.WrongState, $"{target.Name} is a learner and cannot lead");
            }

            if (EtcdAlarms.Of(status).Any(alarm => alarm.Member == target.Id && alarm.Alarm == EtcdAlarms.Corrupt))
            {
                throw new EngineException(EngineFault.WrongState, $"{target.Name} has the alarm CORRUPT and must not lead");
            }

            if (status.RaftAppliedIndex >= index)
            {
                return;
            }

            if (roster.Time.GetElapsedTime(started) > Options.TransferTimeout)
            {
                throw new EngineException(
                    EngineFault.WrongState,
                    $"{target.Name} is still {index - status.RaftAppliedIndex} entries behind the leader after {Options.TransferTimeout.TotalSeconds:0} s");
            }

            await Task.Delay(Poll, roster.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<long> AwaitLeading(EtcdMemberDriver target, CancellationToken cancellationToken)
    {
        var started = roster.Time.GetTimestamp();
        while (true)
        {
            var status = await target.Status(cancellationToken).ConfigureAwait(false);
            if (status.IsLeader)
            {
                return (long)status.RaftTerm;
            }

            if (roster.Time.GetElapsedTime(started) > Options.TransferTimeout)
            {
                throw new EngineException(
                    EngineFault.WrongState, $"{target.Name} is not the leader {Options.TransferTimeout.TotalSeconds:0} s after leadership was handed to it");
            }

            await Task.Delay(Poll, roster.Time, cancellationToken).ConfigureAwait(false);
        }
    }
}
