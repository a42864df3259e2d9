using System.Globalization;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Embedded.Tests.Contract;

/// <summary>
/// The driver of one node. The node knows its jobs by the tickets of their orders and keeps on disk how they ended, so the id of a job is its
/// ticket, as <c>RUN/STEP/ATTEMPT</c>.
/// </summary>
internal sealed class EmbeddedMember(string name, long epoch, AskNode ask, TimeSpan patience, TimeProvider time) : IEngineMember
{
    /// <summary>Never raised: whoever needs to know sooner than at the next tick is told by the node itself.</summary>
    public event Action? StateChanged
    {
        add { }
        remove { }
    }

    public string Name => name;

    public async Task<MemberObservation> Observe(CancellationToken cancellationToken)
    {
        var seen = await Look(cancellationToken).ConfigureAwait(false);
        return new MemberObservation(seen.State, seen.Reason, seen.Role, seen.Term, seen.Primary, seen.Lag, seen.Disk, EmbeddedCapabilities.Instance)
        {
            Version = seen.Version,
            Alarms = seen.Alarms,
        };
    }

    /// <summary>Everything that the node tells of itself.</summary>
    /// <exception cref="EngineException">It does not answer, or obeys a later epoch.</exception>
    public Task<NodeObservation> Look(CancellationToken cancellationToken) => Ask<NodeObservation>(new ObserveNode(epoch), cancellationToken);

    public async Task<MemberInventory> Inventory(InventoryRequest request, CancellationToken cancellationToken)
    {
        var command = new TakeInventory(epoch, request.Mode) { EngineOptions = request.Options, ReplicaSet = request.ReplicaSet };
        var seen = await Ask<NodeInventory>(command, cancellationToken).ConfigureAwait(false);
        return new MemberInventory(seen.Units) { SystemUnits = seen.SystemUnits };
    }

    /// <summary>Repeating it does no harm: a ticket that the node knows begins nothing.</summary>
    public async Task<JobId> Start(JobOrder order, CancellationToken cancellationToken)
    {
        var command = new CompactUnits(epoch, order.Ticket, [.. order.Units.Select(size => size.Unit)], order.Settings) { Before = order.Units };
        return IdOf((await Ask<CompactionStatus>(command, cancellationToken).ConfigureAwait(false)).Ticket);
    }

    public async Task<JobId?> Find(JobOrder order, CancellationToken cancellationToken) =>
        await StatusOf(order, cancellationToken).ConfigureAwait(false) is { } status ? IdOf(status.Ticket) : null;

    public async Task<JobStatus> Poll(JobOrder order, JobId job, CancellationToken cancellationToken) =>
        job != IdOf(order.Ticket)
            ? new JobStatus.Unknown($"{name} has no job {job}")
            : await StatusOf(order, cancellationToken).ConfigureAwait(false) switch
            {
                CompactionRunning running => new JobStatus.Running(running.Progress),
                CompactionSucceeded done => new JobStatus.Succeeded(done.Units) { Judged = done.Judged },
                CompactionFailed failed => new JobStatus.Failed(failed.Reason, failed.Units) { IsPermanent = failed.IsPermanent },
                CompactionPaused paused => new JobStatus.Paused(paused.Units, paused.Progress),
                _ => new JobStatus.Unknown($"{name} has no job {job} any more: it restarted meanwhile"),
            };

    public Task Cancel(JobOrder order, JobId job, CancellationToken cancellationToken) =>
        Ask<CompactionStatus>(new CancelCompaction(epoch, order.Ticket), cancellationToken);

    public Task Pause(JobOrder order, JobId job, CancellationToken cancellationToken) =>
        Ask<CompactionStatus>(new PauseCompaction(epoch, order.Ticket), cancellationToken);

    public Task Throttle(JobOrder order, JobId job, long maxBytesPerSecond, CancellationToken cancellationToken) =>
        Ask<CompactionStatus>(new ThrottleCompaction(epoch, order.Ticket, maxBytesPerSecond), cancellationToken);

    /// <summary>No member hands its role over by itself: a majority has to promise the next term first.</summary>
    public Task<long> StepDown(string replicaSet, string to, CancellationToken cancellationToken) =>
        throw new EngineException(EngineFault.WrongState, $"the primary of {replicaSet} is appointed; {name} cannot hand its role over by itself");

    private static JobId IdOf(CompactionTicket ticket) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{ticket.RunId}/{ticket.Step}/{ticket.Attempt}"));

    /// <summary>Null if the node does not know the ticket.</summary>
    private async Task<CompactionStatus?> StatusOf(JobOrder order, CancellationToken cancellationToken)
    {
        var look = new CompactUnits(epoch, order.Ticket, [], order.Settings) { Repeated = true, LookOnly = true };
        return await Answer(look, cancellationToken).ConfigureAwait(false) switch
        {
            CompactionStatus status => status,
            CommandRefused { Code: RefusalCode.NotFound } => null,
            var other => throw Unexpected(look, other),
        };
    }

    private async Task<T> Ask<T>(INodeCommand command, CancellationToken cancellationToken) =>
        await Answer(command, cancellationToken).ConfigureAwait(false) switch
        {
            T wanted => wanted,
            var other => throw Unexpected(command, other),
        };

    private async Task<object> Answer(INodeCommand command, CancellationToken cancellationToken)
    {
        using var waiting = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(waiting.Token, cancellationToken);
        try
        {
            return await ask(name, command, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw EngineException.Silent(name, patience, e);
        }
    }

    /// <summary>A node that is starting or stopping refuses looks too: it cannot be reached yet, or no longer.</summary>
    private EngineException Unexpected(INodeCommand command, object answer) => answer is CommandRefused refused
        ? new EngineException(
            refused.Code switch
            {
                RefusalCode.StaleEpoch => EngineFault.Claimed,
                RefusalCode.WrongState when command is ObserveNode or TakeInventory or CompactUnits { LookOnly: true } => EngineFault.Unreachable,
                RefusalCode.WrongState or RefusalCode.StaleTerm or RefusalCode.Busy => EngineFault.WrongState,
                _ => EngineFault.Failed,
            },
            $"{name}: {refused.Reason}")
        : new EngineException(EngineFault.Failed, $"{name} gave an answer that cannot be used: {answer.GetType().Name}");
}
