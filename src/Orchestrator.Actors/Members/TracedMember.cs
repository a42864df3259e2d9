using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;

namespace Orchestrator.Actors.Members;

/// <summary>A member's driver whose calls for a step of a run are spans below the step's.</summary>
internal sealed class TracedMember(IEngineCluster cluster, IEngineMember driver) : IEngineMember
{
    public event Action? StateChanged
    {
        add => driver.StateChanged += value;
        remove => driver.StateChanged -= value;
    }

    public string Name => driver.Name;

    public Task<MemberObservation> Observe(CancellationToken cancellationToken) => driver.Observe(cancellationToken);

    public Task<MemberInventory> Inventory(InventoryRequest request, CancellationToken cancellationToken) => driver.Inventory(request, cancellationToken);

    public Task<JobId> Start(JobOrder order, CancellationToken cancellationToken) =>
        DriverCalls.Trace("start job", RunTrace.Step(order.Ticket), cluster, Name, () => driver.Start(order, cancellationToken));

    public Task<JobId?> Find(JobOrder order, CancellationToken cancellationToken) =>
        DriverCalls.Trace("find job", RunTrace.Step(order.Ticket), cluster, Name, () => driver.Find(order, cancellationToken));

    public Task<JobStatus> Poll(JobOrder order, JobId job, CancellationToken cancellationToken) =>
        DriverCalls.Trace("poll job", RunTrace.Step(order.Ticket), cluster, Name, () => driver.Poll(order, job, cancellationToken));

    public Task Cancel(JobOrder order, JobId job, CancellationToken cancellationToken) =>
        DriverCalls.Trace("cancel job", RunTrace.Step(order.Ticket), cluster, Name, () => driver.Cancel(order, job, cancellationToken));

    public Task Pause(JobOrder order, JobId job, CancellationToken cancellationToken) =>
        DriverCalls.Trace("pause job", RunTrace.Step(order.Ticket), cluster, Name, () => driver.Pause(order, job, cancellationToken));

    public Task Throttle(JobOrder order, JobId job, long maxBytesPerSecond, CancellationToken cancellationToken) => DriverCalls.Trace(
        "throttle job", RunTrace.Step(order.Ticket), cluster, Name, () => driver.Throttle(order, job, maxBytesPerSecond, cancellationToken));

    public Task<long> StepDown(string replicaSet, string to, CancellationToken cancellationToken) => driver.StepDown(replicaSet, to, cancellationToken);

    /// <param name="ticket">The attempt that it is for; null for an operator's order.</param>
    public Task<long> StepDown(string replicaSet, string to, CompactionTicket? ticket, CancellationToken cancellationToken) => ticket is null
        ? StepDown(replicaSet, to, cancellationToken)
        : DriverCalls.Trace("step down", RunTrace.Step(ticket), cluster, Name, () => StepDown(replicaSet, to, cancellationToken));
}
