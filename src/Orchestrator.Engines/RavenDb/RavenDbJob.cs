using System.Collections.Concurrent;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.RavenDb;

/// <summary>
/// One job of one node: an operation for each index, then one for the documents. The server carries them out by itself; this process waits
/// for each and orders the next. Another process watches the operation whose id was stored: what comes after it is for the next attempt.
/// </summary>
/// <param name="units">In the order in which they are compacted.</param>
internal sealed class RavenDbJob(RavenDbMember member, RavenDbRoster roster, JobOrder order, IReadOnlyList<UnitSize> units)
{
    private readonly ConcurrentDictionary<StorageUnit, UnitCompacted> _done = [];
    private volatile JobStatus? _ended;
    private volatile bool _watches;
    private volatile bool _stops;
    private volatile int _at;
    private long _operation;
    private double _fraction;

    public CompactionTicket Ticket => order.Ticket;

    public string Database => units[0].Unit.Database;

    public bool IsEnded => _ended is not null;

    /// <summary>Id of the present operation; 0 if it is not known.</summary>
    public long Operation => Interlocked.Read(ref _operation);

    private RavenDbClusterOptions Options => roster.Options;

    private StorageUnit Current => units[Math.Min(_at, units.Count - 1)].Unit;

    /// <summary>What it does, for people.</summary>
    public string Describe() => Current.IndexName is { } index
        ? $"compacts index {index} of {Database}, which answers no queries on this node meanwhile"
        : $"compacts the documents of {Database}";

    /// <summary>Orders the first operation.</summary>
    public async Task<RavenDbJobId> Begin(CancellationToken cancellationToken)
    {
        await OrderNext(cancellationToken).ConfigureAwait(false);
        return new RavenDbJobId(order.Ticket, member.Name, 0, Operation);
    }

    /// <summary>As a process has it that did not order the operation.</summary>
    public RavenDbJob Watching(RavenDbJobId id)
    {
        (_watches, _at) = (true, Math.Min(id.Unit, units.Count - 1));
        Interlocked.Exchange(ref _operation, id.Operation);
        return this;
    }

    /// <summary>Nothing more is ordered.</summary>
    public void Stop() => _stops = true;

    /// <summary>Carries it out after <see cref="Begin"/>; never throws.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        _ended = await JobEnd.Of(
            () => RavenDbErrors.Explain($"compacting {Current.Path} on {member.Name}", Options, () => Work(cancellationToken)),
            e => new JobStatus.Failed(e.Message, Done)).ConfigureAwait(false);
        _watches = _ended is null;
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

        var status = await Watch(cancellationToken).ConfigureAwait(false);
        _ended = status is JobStatus.Running ? null : status;
        return status;
    }

    /// <summary>In the order of the request.</summary>
    private IReadOnlyList<UnitCompacted> Done => [.. order.Units.Select(size => _done.GetValueOrDefault(size.Unit)).OfType<UnitCompacted>()];

    private async Task OrderNext(CancellationToken cancellationToken)
    {
        var unit = Current;
        var skipOptimizing = order.Settings.EngineOptions.IsOn(RavenDbCapabilities.SkipOptimizeIndexes);
        var body = new CompactBody(Database, unit.IndexName is null, unit.IndexName is { } index ? [index] : [], skipOptimizing);
        Interlocked.Exchange(ref _operation, await member.Calls.Compact(body, cancellationToken).ConfigureAwait(false));
    }

    private async Task<JobStatus> Work(CancellationToken cancellationToken)
    {
        while (true)
        {
            var started = roster.Time.GetTimestamp();
            if (await AwaitOperation(cancellationToken).ConfigureAwait(false) is { } failed)
            {
                return failed;
            }

            await Measure([units[_at]], roster.Time.GetElapsedTime(started), cancellationToken).ConfigureAwait(false);
            if (_at + 1 == units.Count)
            {
                return new JobStatus.Succeeded(Done);
            }

            if (_stops)
            {
                return new JobStatus.Failed("cancelled", Done);
            }

            _fraction = 0;
            _at++;

            // The role may have moved since the last one.
            await RavenDbOrders.Admit(order, member, cancellationToken).ConfigureAwait(false);
            await OrderNext(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>Null when the present operation is done; else why the job ends here.</returns>
    private async Task<JobStatus?> AwaitOperation(CancellationToken cancellationToken)
    {
        while (true)
        {
            var state = await member.Calls.Operation(Operation, cancellationToken).ConfigureAwait(false);
            switch (state?.Status)
            {
                case "InProgress":
                    Note(state.Progress);
                    break;
                case "Completed":
                    return null;
                case null:
                    // The node has restarted: what came of it is judged.
                    throw new EngineException(EngineFault.Unreachable, $"{member.Name} no longer knows operation {Operation}");
                default:
                    return FailureOf(state);
            }

            await Task.Delay(Options.PollInterval, roster.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private JobStatus.Failed FailureOf(OperationState state)
    {
        if (_stops || state.Status == "Canceled")
        {
            // A compaction of documents that was killed ends as faulted.
            return new JobStatus.Failed(_stops ? "cancelled" : $"somebody cancelled operation {Operation} on {member.Name}", Done);
        }

        var result = state.Result;
        var text = RavenDbErrors.FirstLine(result?.Message ?? result?.Error ?? "no reason given");
        var refusal = new RavenDbRefusal(System.Net.HttpStatusCode.InternalServerError, result?.Type ?? "", text);
        return new JobStatus.Failed(RavenDbErrors.ToEngine($"compacting {Current.Path} on {member.Name}", Options, refusal).Message, Done);
    }

    /// <summary>Takes down what units are now; a database that was compacted is loaded for that.</summary>
    private async Task Measure(IReadOnlyList<UnitSize> compacted, TimeSpan took, CancellationToken cancellationToken)
    {
        var now = await Sizes(cancellationToken).ConfigureAwait(false);
        foreach (var before in compacted)
        {
            // Dropped since it was planned: nothing is left to do.
            var after = now.GetValueOrDefault(before.Unit)?.FileBytes ?? before.FileBytes;
            _done[before.Unit] = new UnitCompacted(before.Unit, before.FileBytes, after, 0, 0, took, TimeSpan.Zero);
        }
    }

    private async Task<IReadOnlyDictionary<StorageUnit, UnitSize>> Sizes(CancellationToken cancellationToken)
    {
        var started = roster.Time.GetTimestamp();
        while (true)
        {
            try
            {
                return RavenDbInventory.Sizes(Database, await member.Calls.Storage(Database, cancellationToken).ConfigureAwait(false));
            }
            catch (RavenDbRefusal refusal) when (refusal.IsTransient && roster.Time.GetElapsedTime(started) < Options.LoadTimeout)
            {
                await Task.Delay(Options.PollInterval, roster.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<JobStatus> Watch(CancellationToken cancellationToken)
    {
        var state = Operation is > 0 and var id ? await member.Calls.Operation(id, cancellationToken).ConfigureAwait(false) : null;
        if (state?.Status == "InProgress")
        {
            Note(state.Progress);
            return new JobStatus.Running(Progress("compacting"));
        }

        if (await member.IsCompacting(Database, cancellationToken).ConfigureAwait(false))
        {
            return new JobStatus.Running(Progress("compacting; its operation is not known any more"));
        }

        // Ids are given again after a restart: one that ended for another database is not this one.
        var isOurs = state?.Result?.Name is null or "" || state.Result.Name == Database;
        if (isOurs && state?.Status is "Faulted" or "Canceled")
        {
            return FailureOf(state!);
        }

        return await Judge(isOurs && state?.Status == "Completed", cancellationToken).ConfigureAwait(false);
    }

    /// <param name="isTold">Whether the node itself tells that the unit of the known operation is done.</param>
    private async Task<JobStatus> Judge(bool isTold, CancellationToken cancellationToken)
    {
        var evidence = isTold
            ? $"operation {Operation} on {member.Name} has ended"
            : $"{member.Name} does not know the operation any more and is not compacting {Database}";
        var now = await Sizes(cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < units.Count; i++)
        {
            var isKnown = i < _at || (i == _at && isTold) || !now.ContainsKey(units[i].Unit);
            if (isKnown || JobJudge.Judge(order with { Units = [units[i]] }, [now[units[i].Unit]], evidence) is JobStatus.Succeeded)
            {
                var after = now.GetValueOrDefault(units[i].Unit)?.FileBytes ?? units[i].FileBytes;
                _done.TryAdd(units[i].Unit, new UnitCompacted(units[i].Unit, units[i].FileBytes, after, 0, 0, TimeSpan.Zero, TimeSpan.Zero));
            }
        }

        var done = Done;
        return done switch
        {
            _ when done.Count == units.Count => new JobStatus.Succeeded(done) { Judged = isTold && units.Count == 1 ? "" : $"judged by its files: {evidence}" },
            _ when _stops => new JobStatus.Failed($"cancelled; {evidence}", done),

            // The others were not begun, or not finished: the next attempt takes them up.
            { Count: > 0 } => new JobStatus.Paused(done, Progress("stopped")),
            _ => new JobStatus.Unknown(evidence),
        };
    }

    private void Note(OperationProgress? progress)
    {
        if (progress is null)
        {
            return;
        }

        var index = Current.IndexName is { } name ? progress.IndexesResults?.GetValueOrDefault(name) : null;
        var (part, total) = index is { GlobalTotal: > 0 } ? (index.GlobalProgress, index.GlobalTotal) : (progress.GlobalProgress, progress.GlobalTotal);
        _fraction = total > 0 ? Math.Clamp(part / total, _fraction, 1) : _fraction;
    }

    /// <summary>Units count by their sizes.</summary>
    private CompactionProgress Progress(string stage)
    {
        var total = Math.Max(1.0, units.Sum(size => size.FileBytes));
        var present = units.Take(_at).Sum(size => size.FileBytes) + (units[_at].FileBytes * _fraction);
        return new CompactionProgress(Current.Path, stage, Math.Min(1, present / total), _at, units.Count, 0, 0);
    }
}
