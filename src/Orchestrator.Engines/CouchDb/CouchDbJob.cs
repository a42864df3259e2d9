using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.CouchDb;

/// <summary>
/// One job of one node: its units are compacted one after another. Each is ordered by one call that returns at once, and then looked at until
/// its own state says that it is done. If the node stops answering, or another process asks, the units are watched instead: what is at work is
/// waited for, and when nothing is, the sizes of the files tell. Nothing is ordered twice: what is left then is for the next attempt, which
/// goes on from what the node has copied.
/// </summary>
internal sealed class CouchDbJob(string node, CouchDbRoster roster, JobOrder order, StartedJobId id)
{
    // The state of a copy may lag a moment behind the order: so many intervals between looks it must be quiet.
    private const int QuietIntervals = 2;

    // Small copies are done in a moment: the first looks follow each other faster.
    private const int FirstLooks = 16;

    private readonly List<UnitCompacted> _done = [];
    private readonly CouchDbCalls _calls = roster.Calls(node);
    private volatile JobStatus? _ended;
    private volatile bool _watches;
    private volatile int _at;
    private Begun? _first;
    private double _fraction;

    public StartedJobId Id => id;

    public CompactionTicket Ticket => id.Ticket;

    /// <summary>What it compacts now, as far as it knows; null when it has ended.</summary>
    public StorageUnit? AtWork => _ended is null ? Current : null;

    private StorageUnit Current => order.Units[Math.Min(_at, order.Units.Count - 1)].Unit;

    /// <exception cref="EngineException">CouchDB has no such units.</exception>
    public static void Check(JobOrder order)
    {
        if (order.Units.FirstOrDefault(size => size.Unit is not (ShardUnit or ViewUnit or DatabaseUnit)) is { } other)
        {
            throw new EngineException(EngineFault.Failed, $"CouchDB compacts copies of shards and views, not {other.Unit.Path}");
        }
    }

    /// <summary>As a process has it that did not order it.</summary>
    public CouchDbJob Watching()
    {
        _watches = true;
        return this;
    }

    /// <summary>Orders the first unit.</summary>
    public async Task Begin(CancellationToken cancellationToken) => _first = await Order(Current, cancellationToken).ConfigureAwait(false);

    /// <summary>Waits for the units and orders the others; never throws.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        var ended = await JobEnd.Of(
            () => CouchDbErrors.Explain($"compacting {Current.Path} on {node}", roster.Options, () => Work(cancellationToken)),
            e => new JobStatus.Failed(e.Message, [.. _done])).ConfigureAwait(false);
        roster.JobEnded();
        _ended = ended;
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

    /// <summary>Whether the node compacts one of the units.</summary>
    public async Task<bool> IsSeen(CancellationToken cancellationToken) =>
        await FindRunning(cancellationToken).ConfigureAwait(false) >= 0;

    private async Task<JobStatus> Work(CancellationToken cancellationToken)
    {
        var begun = _first;
        while (true)
        {
            _done.Add(await Wait(begun, cancellationToken).ConfigureAwait(false));
            _fraction = 0;
            if (++_at >= order.Units.Count)
            {
                return new JobStatus.Succeeded([.. _done]);
            }

            begun = await Order(Current, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>Null if the node has no such copy any more: its database was deleted, or the copy moved to another node.</returns>
    private async Task<Begun?> Order(StorageUnit unit, CancellationToken cancellationToken)
    {
        if (await Locate(unit, cancellationToken).ConfigureAwait(false) is not { } database
            || await _calls.Sizes(database, unit, cancellationToken).ConfigureAwait(false) is not { } before)
        {
            return null;
        }

        if (before.IsRunning)
        {
            // The same call would be accepted and do nothing.
            throw new EngineException(
                EngineFault.WrongState, $"{unit.Path} on {node} is being compacted already, by smoosh or by somebody else; wait until that has ended");
        }

        if (unit is not ViewUnit && order.Settings.EngineOptions.IsOn(CouchDbCapabilities.Cleanup))
        {
            await _calls.CleanUp(database, unit.Collection, cancellationToken).ConfigureAwait(false);
            roster.CleanedUp(node, database, unit.Collection);
        }

        var at = roster.Time.GetTimestamp();
        var openSince = await _calls.OpenSince(database, cancellationToken).ConfigureAwait(false);
        return await _calls.Compact(database, unit, cancellationToken).ConfigureAwait(false) ? new Begun(unit, database, before, at, openSince) : null;
    }

    /// <summary>The unit's database as it is now; null if the unit is no longer on the node.</summary>
    private async Task<CouchDbDatabase?> Locate(StorageUnit unit, CancellationToken cancellationToken) =>
        await _calls.Database(unit.Database, cancellationToken).ConfigureAwait(false) is { } database
        && (unit.Collection.Length == 0 || database.Holds(node, unit.Collection))
            ? database
            : null;

    private async Task<UnitCompacted> Wait(Begun? begun, CancellationToken cancellationToken)
    {
        if (begun is null)
        {
            return new UnitCompacted(Current, 0, 0, 0, 0, TimeSpan.Zero, TimeSpan.Zero);
        }

        var interval = roster.Options.PollInterval;
        var pause = interval / FirstLooks;
        for (long? quietSince = null; ;)
        {
            var now = await Sizes(begun.Database, begun.Unit, cancellationToken).ConfigureAwait(false);
            quietSince = now is { IsRunning: true } ? null : quietSince ?? roster.Time.GetTimestamp();
            if (now is null || (!now.IsRunning && (IsSmaller(begun.Before, now) || roster.Time.GetElapsedTime(quietSince!.Value) >= QuietIntervals * interval)))
            {
                if (now is not null && !IsSmaller(begun.Before, now))
                {
                    await CheckAlive(begun, cancellationToken).ConfigureAwait(false);
                }

                var took = roster.Time.GetElapsedTime(begun.At);
                return new UnitCompacted(begun.Unit, begun.Before.File, now?.File ?? begun.Before.File, 0, 0, took, TimeSpan.Zero);
            }

            await Task.Delay(pause, roster.Time, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < interval ? pause * 2 : interval;
        }
    }

    /// <summary>A node that was started again meanwhile does not go on with what it had begun.</summary>
    private async Task CheckAlive(Begun begun, CancellationToken cancellationToken)
    {
        var uptime = (await _calls.System(cancellationToken).ConfigureAwait(false)).FieldOf("uptime");
        if ((uptime is { } seconds && seconds.GetDouble() <= roster.Time.GetElapsedTime(begun.At).TotalSeconds)
            || begun.OpenSince != await _calls.OpenSince(begun.Database, cancellationToken).ConfigureAwait(false))
        {
            throw new EngineException(EngineFault.Unreachable, $"{node} was started again meanwhile");
        }
    }

    /// <summary>That it is done: its file is smaller, or it says that it was compacted since.</summary>
    private static bool IsSmaller(CouchDbSizes before, CouchDbSizes now) =>
        now.File < before.File || now.CompactedSequence > before.CompactedSequence;

    private async Task<JobStatus> Watch(CancellationToken cancellationToken)
    {
        if (await FindRunning(cancellationToken).ConfigureAwait(false) is >= 0 and var at)
        {
            _at = Math.Max(_at, at);
            return await Progress("compacting; watched, since nobody waits for its end", cancellationToken).ConfigureAwait(false);
        }

        var evidence = $"{node} does not compact for run {Ticket.RunId}, step {Ticket.Step} any more";
        var units = await Judge(evidence, cancellationToken).ConfigureAwait(false);
        return units.Count == order.Units.Count
            ? _ended = new JobStatus.Succeeded(units) { Judged = $"judged by its files: {evidence}" }

            // The others were not begun, or not finished: the next attempt takes them up.
            : units.Count > 0 ? _ended = new JobStatus.Paused(units, ProgressOf("stopped", units.Count))
            : _ended = new JobStatus.Unknown(evidence);
    }

    /// <returns>The number of the first unit that is at work; -1 if none is.</returns>
    private async Task<int> FindRunning(CancellationToken cancellationToken)
    {
        for (var i = 0; i < order.Units.Count; i++)
        {
            if (await Sizes(order.Units[i].Unit, cancellationToken).ConfigureAwait(false) is { IsRunning: true })
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The units that are done: those whose end was seen, whose files are smaller, or which are gone.</summary>
    private async Task<IReadOnlyList<UnitCompacted>> Judge(string evidence, CancellationToken cancellationToken)
    {
        var done = new List<UnitCompacted>(_done);
        foreach (var (before, index) in order.Units.Select((size, index) => (size, index)).Skip(done.Count))
        {
            var now = await Sizes(before.Unit, cancellationToken).ConfigureAwait(false) is { } sizes
                ? new UnitSize(before.Unit, sizes.File, sizes.Active, sizes.File) { ExternalBytes = sizes.External }
                : null;
            var isDone = now is null || index < _at || JobJudge.Judge(order with { Units = [before] }, [now], evidence) is JobStatus.Succeeded;
            if (isDone)
            {
                done.Add(new UnitCompacted(before.Unit, before.FileBytes, now?.FileBytes ?? before.FileBytes, 0, 0, TimeSpan.Zero, TimeSpan.Zero));
            }
        }

        return done;
    }

    private async Task<CouchDbSizes?> Sizes(StorageUnit unit, CancellationToken cancellationToken) =>
        await Locate(unit, cancellationToken).ConfigureAwait(false) is { } database ? await Sizes(database, unit, cancellationToken).ConfigureAwait(false) : null;

    /// <summary>What the cluster tells of a view counts one copy of each range; another one may be at work still.</summary>
    private async Task<CouchDbSizes?> Sizes(CouchDbDatabase database, StorageUnit unit, CancellationToken cancellationToken) =>
        await _calls.Sizes(database, unit, cancellationToken).ConfigureAwait(false) is { } sizes
            ? unit.Collection.Length > 0 || sizes.IsRunning ? sizes : sizes with { IsRunning = (await TasksOf(unit, cancellationToken).ConfigureAwait(false)).Count > 0 }
            : null;

    private async Task<IReadOnlyList<CouchDbTask>> TasksOf(StorageUnit unit, CancellationToken cancellationToken) =>
        [.. (await roster.Tasks(cancellationToken).ConfigureAwait(false)).Where(task => task.IsOf(unit) && (task.Node == node || unit.Collection.Length == 0))];

    private async Task<JobStatus> Progress(string stage, CancellationToken cancellationToken)
    {
        if (await TasksOf(Current, cancellationToken).ConfigureAwait(false) is { Count: > 0 } tasks)
        {
            // Phases begin again where writes came in meanwhile.
            _fraction = Math.Max(_fraction, tasks.Min(task => task.Fraction));
        }

        return new JobStatus.Running(ProgressOf(stage, _at));
    }

    /// <summary>Units count by their sizes.</summary>
    private CompactionProgress ProgressOf(string stage, int done)
    {
        var total = Math.Max(1.0, order.Units.Sum(size => size.FileBytes));
        var present = done < order.Units.Count ? order.Units[done].FileBytes * _fraction : 0;
        return new CompactionProgress(
            Current.Path, stage, Math.Min(1, (order.Units.Take(done).Sum(size => size.FileBytes) + present) / total), done, order.Units.Count, 0, 0);
    }

    /// <param name="At">When it was ordered, as a timestamp.</param>
    /// <param name="OpenSince">Of 1.x, since when its database was open then; else empty.</param>
    private sealed record Begun(StorageUnit Unit, CouchDbDatabase Database, CouchDbSizes Before, long At, string OpenSince);
}
