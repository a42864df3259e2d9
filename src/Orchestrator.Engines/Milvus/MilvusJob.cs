using System.Collections.Concurrent;
using System.Globalization;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.Milvus;

/// <summary>
/// One job: a compaction for each collection, some side by side. Milvus carries them out by itself. A state "Completed" means only that no
/// plan is executing: the counts of plans tell what came of it.
/// </summary>
internal sealed class MilvusJob(MilvusCalls calls, MilvusSizes sizes, MilvusClusterOptions options, TimeProvider time, JobOrder order)
{
    private const long NotScheduled = -1;
    private const string NothingScheduled = "nothing was scheduled: background compaction holds the segments, or there is nothing to do";

    private readonly MilvusDirectives _directives = MilvusDirectives.Read(order.Settings.EngineOptions, order.Units.Count);
    private readonly ConcurrentDictionary<int, long> _ids = [];
    private readonly ConcurrentDictionary<int, double> _parts = [];
    private readonly ConcurrentDictionary<int, UnitEnd> _ends = [];
    private volatile JobStatus? _ended;
    private volatile bool _watches;

    public CompactionTicket Ticket => order.Ticket;

    public bool IsEnded => _ended is not null;

    private IReadOnlyList<UnitSize> Units => order.Units;

    /// <summary>What it does, for people.</summary>
    public string Describe()
    {
        var working = _ids.Keys.Where(index => !_ends.ContainsKey(index)).Order().Select(index => Units[index].Unit.Path).ToList();
        return $"compacts {(working.Count > 0 ? string.Join(", ", working) : Units[0].Unit.Path)}";
    }

    /// <summary>Orders the first compactions. If the very first is refused, nothing has begun.</summary>
    public async Task<MilvusJobId> Begin(CancellationToken cancellationToken)
    {
        _ids[0] = await Order(0, cancellationToken).ConfigureAwait(false);
        for (var index = 1; index < Math.Min(Units.Count, options.ParallelCompactions); index++)
        {
            try
            {
                _ids[index] = await Order(index, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is MilvusRefusal or EngineException)
            {
                // It is ordered again when its turn comes.
                break;
            }
        }

        return new MilvusJobId(order.Ticket, new Dictionary<int, long>(_ids));
    }

    /// <summary>As a process has it that did not order the compactions.</summary>
    public MilvusJob Watching(MilvusJobId id)
    {
        _watches = true;
        foreach (var (index, compaction) in id.Compactions.Where(known => known.Key < Units.Count))
        {
            _ids[index] = compaction;
        }

        return this;
    }

    /// <summary>Carries it out after <see cref="Begin"/>; never throws.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(options.ParallelCompactions);
        try
        {
            await Task.WhenAll(Units.Select(async (_, index) =>
            {
                await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    _ends[index] = await Carry(index, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    slots.Release();
                }
            })).ConfigureAwait(false);
            _ended = Summary();
        }
        catch (OperationCanceledException)
        {
            _watches = true;
        }
    }

    public async Task<JobStatus> Poll(CancellationToken cancellationToken)
    {
        if (_ended is { } ended)
        {
            return ended;
        }

        if (!_watches)
        {
            return new JobStatus.Running(Progress("compacting"));
        }

        foreach (var (index, id) in _ids.Where(known => !_ends.ContainsKey(known.Key)).OrderBy(known => known.Key))
        {
            if (await Look(index, id, TimeSpan.Zero, cancellationToken).ConfigureAwait(false) is { } end)
            {
                _ends[index] = end;
            }
        }

        if (_ids.Keys.Any(index => !_ends.ContainsKey(index)))
        {
            return new JobStatus.Running(Progress("compacting; watched"));
        }

        // What was not ordered yet is for the next attempt.
        return _ended = _ends.Count == Units.Count || _ends.Values.Any(end => !end.IsDone) ? Summary() : new JobStatus.Paused(Done, Progress("stopped"));
    }

    private IReadOnlyList<UnitCompacted> Done => [.. _ends.OrderBy(end => end.Key).Select(end => end.Value.Done).OfType<UnitCompacted>()];

    /// <summary>Orders one until it is scheduled, and waits for its end.</summary>
    private async Task<UnitEnd> Carry(int index, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            var id = _ids.TryGetValue(index, out var known) ? known : _ids[index] = await Order(index, cancellationToken).ConfigureAwait(false);
            for (var tries = 0; id == NotScheduled && tries < options.ScheduleRetries; tries++)
            {
                await Task.Delay(options.ScheduleRetryPause, time, cancellationToken).ConfigureAwait(false);
                id = _ids[index] = await Order(index, cancellationToken).ConfigureAwait(false);
            }

            while (true)
            {
                if (await LookPatiently(index, id, time.GetElapsedTime(started), cancellationToken).ConfigureAwait(false) is { } end)
                {
                    return end;
                }

                await Task.Delay(options.PollInterval, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (MilvusRefusal refusal)
        {
            return UnitEnd.Failed(MilvusErrors.ToEngine($"compacting {Units[index].Unit.Path}", options, refusal).Message, refusal.IsDenial);
        }
        catch (EngineException e)
        {
            return UnitEnd.Failed($"compacting {Units[index].Unit.Path}: {e.Message}", e.IsPermanent);
        }
    }

    /// <returns>The id; -1 if nothing was scheduled, also because the collection is being compacted.</returns>
    private async Task<long> Order(int index, CancellationToken cancellationToken)
    {
        var unit = Units[index].Unit;
        if (order.Settings.EngineOptions.IsOn(MilvusCapabilities.Flush))
        {
            await calls.Flush(unit.Database, unit.Collection, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await calls.Compact(unit.Database, unit.Collection, _directives, cancellationToken).ConfigureAwait(false);
        }
        catch (MilvusRefusal refusal) when (refusal.IsBusy)
        {
            return NotScheduled;
        }
    }

    /// <summary>A cluster that does not answer for a while goes on compacting.</summary>
    private async Task<UnitEnd?> LookPatiently(int index, long id, TimeSpan took, CancellationToken cancellationToken)
    {
        try
        {
            return await Look(index, id, took, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineException e) when (e.Fault == EngineFault.Unreachable)
        {
            return null;
        }
        catch (MilvusRefusal refusal) when (refusal.IsTransient)
        {
            return null;
        }
    }

    /// <returns>Null while it is at work.</returns>
    private async Task<UnitEnd?> Look(int index, long id, TimeSpan took, CancellationToken cancellationToken)
    {
        var before = Units[index];
        if (id == NotScheduled)
        {
            return await Measured(before, took, NothingScheduled, cancellationToken).ConfigureAwait(false);
        }

        var state = await calls.State(before.Unit.Database, id, cancellationToken).ConfigureAwait(false);
        if (state.IsExecuting)
        {
            _parts[index] = state.Plans > 0 ? (double)state.Completed / state.Plans : 0;
            return null;
        }

        if (state.TimedOut > 0)
        {
            return UnitEnd.Failed(string.Create(CultureInfo.InvariantCulture, $"{state.TimedOut} of {state.Plans} plans of {before.Unit.Path} timed out"), false);
        }

        if (state.Failed > 0)
        {
            return UnitEnd.Failed(string.Create(CultureInfo.InvariantCulture, $"{state.Failed} of {state.Plans} plans of {before.Unit.Path} failed"), false);
        }

        return state.Completed > 0
            ? await Measured(before, took, "", cancellationToken).ConfigureAwait(false)
            : UnitEnd.Unknown(string.Create(
                CultureInfo.InvariantCulture, $"Milvus calls compaction {id} of {before.Unit.Path} {state.State}, but tells of no plan: it has forgotten it, or every plan failed"));
    }

    private async Task<UnitEnd> Measured(UnitSize before, TimeSpan took, string note, CancellationToken cancellationToken)
    {
        // Dropped since it was planned: nothing is left to do.
        var now = await sizes.Measure((DocumentsUnit)before.Unit, MilvusConfiguration.Of(options), cancellationToken).ConfigureAwait(false);
        return new UnitEnd(new UnitCompacted(before.Unit, before.FileBytes, now?.Size.FileBytes ?? before.FileBytes, 0, 0, took, TimeSpan.Zero), note, true, false);
    }

    private JobStatus Summary()
    {
        var ends = _ends.OrderBy(end => end.Key).Select(end => (Units[end.Key].Unit, End: end.Value)).ToList();
        var failed = ends.Where(end => end.End is { IsDone: false, IsUnknown: false }).ToList();
        if (failed.Count > 0)
        {
            return new JobStatus.Failed(string.Join("; ", failed.Select(end => end.End.Note)), Done) { IsPermanent = failed.Any(end => end.End.IsPermanent) };
        }

        if (ends.Where(end => end.End.IsUnknown).Select(end => end.End.Note).ToList() is { Count: > 0 } unknown)
        {
            return new JobStatus.Unknown(string.Join("; ", unknown));
        }

        return new JobStatus.Succeeded(Done)
        {
            Judged = string.Join("; ", ends.Where(end => end.End.Note.Length > 0).GroupBy(end => end.End.Note)
                .Select(group => $"{group.Key} ({string.Join(", ", group.Select(end => end.Unit.Path))})")),
        };
    }

    /// <summary>Collections count by their sizes.</summary>
    private CompactionProgress Progress(string stage)
    {
        var total = Units.Sum(size => Math.Max(1.0, size.FileBytes));
        var done = Units.Select((size, index) => Math.Max(1.0, size.FileBytes) * (_ends.ContainsKey(index) ? 1 : _parts.GetValueOrDefault(index))).Sum();
        return new CompactionProgress(Describe()["compacts ".Length..], stage, Math.Min(1, done / total), _ends.Count, Units.Count, 0, 0);
    }

    /// <summary>How the compaction of one collection ended.</summary>
    /// <param name="Done">Null if it is not done, as far as one knows.</param>
    /// <param name="Note">Why not, or what is to be said of it.</param>
    private sealed record UnitEnd(UnitCompacted? Done, string Note, bool IsDone, bool IsPermanent)
    {
        public bool IsUnknown { get; private init; }

        public static UnitEnd Failed(string reason, bool isPermanent) => new(null, reason, false, isPermanent);

        public static UnitEnd Unknown(string evidence) => new(null, evidence, false, false) { IsUnknown = true };
    }
}
