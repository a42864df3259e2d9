using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.Etcd;

/// <summary>
/// One defragmentation of one member. etcd gives its work no id: the id holds what can be seen again from anywhere, the member
/// and the size of its file before. The call runs in this process; if its answer is lost, or another process asks, the member is
/// watched instead: while it defragments it answers no read, and afterwards the size of its file tells. It is never called twice.
/// </summary>
internal sealed class EtcdJob(EtcdMemberDriver member, EtcdRoster roster, JobOrder order, EtcdJobId id)
{
    /// <summary>The speed that estimates assume, in bytes of live data per second.</summary>
    public const long AssumedBytesPerSecond = 64L << 20;

    private static readonly TimeSpan ServingPoll = TimeSpan.FromMilliseconds(50);

    private volatile JobStatus? _status = Running("starting");

    public EtcdJobId Id => id;

    /// <summary>Where it stands as far as this process knows; null once its call has ended without an answer.</summary>
    public JobStatus? Status => _status;

    private EtcdClusterOptions Options => roster.Options;

    /// <summary>Carries it out; never throws.</summary>
    public async Task Run(CancellationToken cancellationToken) => _status = await JobEnd.Of(
        () => EtcdErrors.Explain($"defragmenting {member.Name}", Options, () => Work(cancellationToken)),
        e => new JobStatus.Failed(e.Message, [])).ConfigureAwait(false);

    /// <summary>Looks at the member when nobody in this process waits for its answer.</summary>
    public async Task<JobStatus> Watch(CancellationToken cancellationToken)
    {
        if (!await member.Serves(cancellationToken).ConfigureAwait(false))
        {
            // That it is alive must be known, else it would be at work for ever.
            await member.Status(cancellationToken).ConfigureAwait(false);
            return Running("defragmenting; observed, since the call has ended");
        }

        var after = await member.Status(cancellationToken).ConfigureAwait(false);
        if (after.DbSize >= id.SizeBefore)
        {
            return new JobStatus.Unknown($"{member.Name} answers reads, and its file has {ByteText.Of(after.DbSize)}, {ByteText.Of(id.SizeBefore)} before");
        }

        await Finish(after, cancellationToken).ConfigureAwait(false);
        var took = roster.Time.GetUtcNow() - id.StartedAt;
        return new JobStatus.Succeeded([Done(after, took)])
        {
            Judged = $"judged by its file, which is {ByteText.Of(id.SizeBefore - after.DbSize)} smaller than before",
        };
    }

    private static JobStatus.Running Running(string stage) =>
        new(new CompactionProgress(new NodeUnit().Path, stage, 0, 0, 1, 0, 0));

    private async Task<JobStatus> Work(CancellationToken cancellationToken)
    {
        if (order.Settings.EngineOptions.Whole(EtcdCapabilities.CompactHistory, 0) is > 0 and var kept)
        {
            _status = Running("compacting history");
            var now = await member.Status(cancellationToken).ConfigureAwait(false);
            await CompactHistory(now.Header.Revision - kept, cancellationToken).ConfigureAwait(false);

            // Leadership may have moved meanwhile.
            await member.Admit(order.Settings, cancellationToken).ConfigureAwait(false);
        }

        _status = Running("defragmenting");
        var started = roster.Time.GetTimestamp();
        await Defragment(cancellationToken).ConfigureAwait(false);
        var took = roster.Time.GetElapsedTime(started);
        var after = await AwaitServing(cancellationToken).ConfigureAwait(false);
        await Finish(after, cancellationToken).ConfigureAwait(false);
        return new JobStatus.Succeeded([Done(after, took)]);
    }

    private UnitCompacted Done(StatusResponse after, TimeSpan took) => new(new NodeUnit(), id.SizeBefore, after.DbSize, 0, 0, took, took);

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
            await member.Client.Call(
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
            await member.Client.Call(EtcdCalls.Defragment, new EmptyRequest(), Options.DefragmentTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (EtcdRefusal refusal) when (refusal.IsLearnerRefusal)
        {
            throw new EngineException(EngineFault.WrongState, $"{member.Name} is a learner, which this version of etcd does not defragment", refusal);
        }
    }

    private async Task<StatusResponse> AwaitServing(CancellationToken cancellationToken)
    {
        var started = roster.Time.GetTimestamp();
        while (!await member.Serves(cancellationToken).ConfigureAwait(false))
        {
            if (roster.Time.GetElapsedTime(started) > Options.TransferTimeout)
            {
                throw new EngineException(EngineFault.Unreachable, $"{member.Name} is defragmented but has not answered a read for {Options.TransferTimeout.TotalSeconds:0} s since");
            }

            await Task.Delay(ServingPoll, roster.Time, cancellationToken).ConfigureAwait(false);
        }

        return await member.Status(cancellationToken).ConfigureAwait(false);
    }

    private async Task Finish(StatusResponse status, CancellationToken cancellationToken)
    {
        if (!order.Settings.EngineOptions.IsOn(EtcdCapabilities.DisarmNoSpace))
        {
            return;
        }

        foreach (var (alarmed, _) in EtcdAlarms.Of(status).Where(alarm => alarm.Alarm == EtcdAlarms.NoSpace))
        {
            await member.Client.Call(
                EtcdCalls.Alarm, new AlarmRequest("DEACTIVATE", alarmed, EtcdAlarms.NoSpace), Options.RequestTimeout, cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>What can be seen again of a defragmentation, as <c>MEMBER/SIZE-BEFORE/STARTED</c> with the member's id in hexadecimal.</summary>
/// <param name="SizeBefore">Length of the file before, in bytes.</param>
internal sealed record EtcdJobId(ulong Member, long SizeBefore, DateTimeOffset StartedAt)
{
    public JobId ToJobId() => new(string.Create(
        CultureInfo.InvariantCulture, $"{EtcdRoster.Hex(Member)}/{SizeBefore}/{StartedAt.ToUnixTimeMilliseconds()}"));

    /// <summary>Null if it is of no job of etcd.</summary>
    public static EtcdJobId? Parse(JobId id) =>
        id.Value.Split('/') is [var member, var size, var started]
        && ulong.TryParse(member, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
        && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var before)
        && long.TryParse(started, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? new EtcdJobId(number, before, DateTimeOffset.FromUnixTimeMilliseconds(at))
            : null;
}
