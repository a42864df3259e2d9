using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.MongoDb;

/// <summary>
/// One job of one member: its collections are compacted one after another. The commands run in this process; if an answer is lost, or another
/// process asks, the member is watched instead: the operation is found by its comment, and when it has ended the sizes of the files tell. No
/// command is sent twice: what is left then is for the next attempt.
/// </summary>
internal sealed class MongoDbJob(MongoDbMemberDriver member, MongoDbRoster roster, JobOrder order, StartedJobId id, MongoDbVersion version)
{
    private readonly List<UnitCompacted> _done = [];
    private volatile JobStatus? _ended;
    private volatile bool _watches;
    private volatile bool _stops;
    private volatile int _at;
    private double _fraction;

    public StartedJobId Id => id;

    private MongoDbClusterOptions Options => roster.Options;

    /// <summary>As a process has it that did not send the commands.</summary>
    public MongoDbJob Watching()
    {
        _watches = true;
        return this;
    }

    /// <summary>Nothing more is begun.</summary>
    public void Stop() => _stops = true;

    /// <summary>Carries it out; never throws.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        _ended = await JobEnd.Of(
            () => MongoDbErrors.Explain($"compacting {Current.Path} on {member.Name}", Options, () => Work(cancellationToken)),
            e => new JobStatus.Failed(_stops ? "cancelled" : e.Message, [.. _done])).ConfigureAwait(false);
        _watches = _ended is null;
    }

    public async Task<JobStatus> Poll(CancellationToken cancellationToken)
    {
        if (_ended is { } ended)
        {
            return ended;
        }

        return _watches ? await Watch(cancellationToken).ConfigureAwait(false) : await Progress("compacting", cancellationToken).ConfigureAwait(false);
    }

    private StorageUnit Current => order.Units[Math.Min(_at, order.Units.Count - 1)].Unit;

    private async Task<JobStatus> Work(CancellationToken cancellationToken)
    {
        for (; _at < order.Units.Count; _at++)
        {
            if (_stops)
            {
                return new JobStatus.Failed("cancelled", [.. _done]);
            }

            if (_at > 0)
            {
                // The role may have moved since the last one.
                await member.Admit(order.Settings, cancellationToken).ConfigureAwait(false);
            }

            _done.Add(await Compact(Current, cancellationToken).ConfigureAwait(false));
            _fraction = 0;
        }

        return await Succeed(new JobStatus.Succeeded([.. _done]), cancellationToken).ConfigureAwait(false);
    }

    private async Task<UnitCompacted> Compact(StorageUnit unit, CancellationToken cancellationToken)
    {
        var before = await member.Sizes(unit, cancellationToken).ConfigureAwait(false);
        var started = roster.Time.GetTimestamp();
        if (before is not null)
        {
            try
            {
                await member.Calls.Unlimited(unit.Database, MongoDbOrders.Command(unit, order), cancellationToken).ConfigureAwait(false);
            }
            catch (MongoDbRefusal refusal) when (refusal.IsMissing)
            {
                before = null;
            }
            catch (MongoDbRefusal refusal)
            {
                throw MongoDbErrors.ToEngine($"compacting {unit.Path} on {member.Name}", Options, refusal);
            }
        }

        // Dropped since it was planned: nothing is left to do.
        var after = before is null ? null : await member.Sizes(unit, cancellationToken).ConfigureAwait(false) ?? before;
        member.Compacted(unit, after);
        var took = roster.Time.GetElapsedTime(started);
        return new UnitCompacted(unit, before?.Bytes ?? 0, after?.Bytes ?? 0, 0, 0, took, TimeSpan.Zero);
    }

    /// <summary>However its end was learnt: a primary that stepped down for this may stand for election again.</summary>
    private async Task<JobStatus> Succeed(JobStatus.Succeeded succeeded, CancellationToken cancellationToken)
    {
        try
        {
            await member.Calls.Admin(new MongoDB.Bson.BsonDocument("replSetFreeze", 0), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is MongoDbRefusal or EngineException)
        {
            // It is a primary, a standalone, or may not: the time ends by itself.
        }

        return succeeded;
    }

    private async Task<JobStatus> Watch(CancellationToken cancellationToken)
    {
        var running = await member.Calls.Compactions(cancellationToken).ConfigureAwait(false);
        if (running.FirstOrDefault(operation => operation.IsOf(order.Ticket)) is { } found)
        {
            _at = Math.Max(_at, order.Units.ToList().FindIndex(size => size.Unit.Database == found.Database && size.Unit.Collection == found.Collection));
            return await Progress("compacting; watched, since nobody waits for its answer", cancellationToken).ConfigureAwait(false);
        }

        var evidence = $"{member.Name} does not compact for {TicketJobId.TextOf(order.Ticket)} any more";
        var (units, left) = await Judge(evidence, cancellationToken).ConfigureAwait(false);
        if (left is null)
        {
            return _ended = await Succeed(
                new JobStatus.Succeeded(units) { Judged = $"judged by its files: {evidence}" }, cancellationToken).ConfigureAwait(false);
        }

        return _stops ? _ended = new JobStatus.Failed($"cancelled; {evidence}", units)

            // The others were not begun, or not finished: the next attempt takes them up.
            : units.Count > 0 ? _ended = new JobStatus.Paused(units, ProgressOf("stopped", units.Count))
            : new JobStatus.Unknown(evidence);
    }

    /// <summary>
    /// What is done: what was answered, what came before a collection that was seen at work, and what the sizes of the files tell.
    /// </summary>
    /// <returns>The units that are done, and the first that is not.</returns>
    private async Task<(IReadOnlyList<UnitCompacted> Done, StorageUnit? Left)> Judge(string evidence, CancellationToken cancellationToken)
    {
        var done = new List<UnitCompacted>(_done);
        StorageUnit? left = null;
        foreach (var (before, index) in order.Units.Select((size, index) => (size, index)).Skip(done.Count))
        {
            var sizes = await member.Sizes(before.Unit, cancellationToken).ConfigureAwait(false);
            var now = sizes is null ? null : new UnitSize(before.Unit, sizes.Bytes, sizes.Bytes - sizes.Free, sizes.Bytes);
            var judged = now is null ? null : JobJudge.Judge(order with { Units = [before] }, [now], evidence) as JobStatus.Succeeded;
            if (judged is not null || index < _at || now is null)
            {
                member.Compacted(before.Unit, sizes);
                done.Add(new UnitCompacted(before.Unit, before.FileBytes, now?.FileBytes ?? before.FileBytes, 0, 0, TimeSpan.Zero, TimeSpan.Zero));
            }
            else
            {
                left ??= before.Unit;
            }
        }

        return (done, left);
    }

    private async Task<JobStatus> Progress(string stage, CancellationToken cancellationToken)
    {
        if (version.ExpectsPages && await member.Sizes(Current, cancellationToken).ConfigureAwait(false) is { PagesExpected: > 0 } sizes)
        {
            _fraction = Math.Clamp((double)sizes.PagesDone / sizes.PagesExpected, _fraction, 1);
        }

        if (version.ShowsProgress && (await member.Calls.Compactions(cancellationToken).ConfigureAwait(false)).FirstOrDefault(running => running.IsOf(order.Ticket)) is { } own)
        {
            _fraction = Math.Clamp(own.Fraction, _fraction, 1);
        }

        return new JobStatus.Running(ProgressOf(stage, _at));
    }

    /// <summary>Collections count by their sizes.</summary>
    private CompactionProgress ProgressOf(string stage, int done)
    {
        var total = Math.Max(1.0, order.Units.Sum(size => size.FileBytes));
        var present = done < order.Units.Count ? order.Units[done].FileBytes * _fraction : 0;
        return new CompactionProgress(
            Current.Path, stage, Math.Min(1, (order.Units.Take(done).Sum(size => size.FileBytes) + present) / total), done, order.Units.Count, 0, 0);
    }
}
