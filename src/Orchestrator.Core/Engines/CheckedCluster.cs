namespace Orchestrator.Core.Engines;

/// <summary>
/// Stands between the orchestrator and the drivers of one cluster. What a server answers is not to be trusted: a driver that stumbles over it, or hands
/// on names that are none, must not take down what drives the other clusters. Whatever a call throws is an <see cref="EngineException"/> with a text
/// for the operator; names and texts have bounds.
/// </summary>
/// <param name="unexpected">Is told what no driver should throw: what it was doing, and the exception, for the log.</param>
public sealed class CheckedCluster(IEngineCluster engine, Action<string, Exception> unexpected) : IEngineCluster
{
    private readonly EngineGuard _guard = new(engine.Name, unexpected);

    public string Name => engine.Name;

    public string Engine => engine.Engine;

    public EngineCapabilities Capabilities => engine.Capabilities;

    public TimeSpan? Settle => engine.Settle;

    public TimeSpan DiscoverInterval => engine.DiscoverInterval;

    public TimeSpan RenewInterval => engine.RenewInterval;

    public Task<EngineTopology> Discover(CancellationToken cancellationToken) =>
        _guard.Run("discovering its members", async () => AnswerCheck.Topology(Name, await engine.Discover(cancellationToken).ConfigureAwait(false)));

    public IEngineMember Member(string name) => new CheckedMember(engine.Member(name), _guard);

    public Task<string> Claim(string runId, CancellationToken cancellationToken) =>
        _guard.Run("claiming it", async () => AnswerCheck.Text(await engine.Claim(runId, cancellationToken).ConfigureAwait(false)));

    public Task Renew(CancellationToken cancellationToken) => _guard.Run("renewing its claim", () => engine.Renew(cancellationToken));

    public Task<IReadOnlyList<AccessGap>?> CheckAccess(CancellationToken cancellationToken) =>
        _guard.Run("looking at its rights", () => engine.CheckAccess(cancellationToken));

    public Task Release(string runId, CancellationToken cancellationToken) => _guard.Run("giving its claim back", () => engine.Release(runId, cancellationToken));

    public ValueTask DisposeAsync() => engine.DisposeAsync();
}

/// <summary>The same for a member.</summary>
internal sealed class CheckedMember(IEngineMember driver, EngineGuard guard) : IEngineMember
{
    public event Action? StateChanged
    {
        add => driver.StateChanged += value;
        remove => driver.StateChanged -= value;
    }

    public string Name => driver.Name;

    public Task<MemberObservation> Observe(CancellationToken cancellationToken) =>
        Run("observing", async () => AnswerCheck.Observation(await driver.Observe(cancellationToken).ConfigureAwait(false)));

    public Task<MemberInventory> Inventory(InventoryRequest request, CancellationToken cancellationToken) =>
        Run("measuring", async () => AnswerCheck.Inventory(Name, await driver.Inventory(request, cancellationToken).ConfigureAwait(false)));

    /// <summary>Where the driver stumbles nobody knows whether the member has the order, which must not be given twice.</summary>
    public Task<JobId> Start(JobOrder order, CancellationToken cancellationToken) =>
        guard.Run($"compacting {Name}", () => driver.Start(order, cancellationToken), EngineFault.Unreachable);

    public Task<JobId?> Find(JobOrder order, CancellationToken cancellationToken) =>
        Run("looking for a compaction of", () => driver.Find(order, cancellationToken));

    public Task<JobStatus> Poll(JobOrder order, JobId job, CancellationToken cancellationToken) =>
        Run("watching the compaction of", async () => AnswerCheck.Status(await driver.Poll(order, job, cancellationToken).ConfigureAwait(false)));

    public Task Cancel(JobOrder order, JobId job, CancellationToken cancellationToken) =>
        guard.Run($"cancelling the compaction of {Name}", () => driver.Cancel(order, job, cancellationToken));

    public Task Pause(JobOrder order, JobId job, CancellationToken cancellationToken) =>
        guard.Run($"pausing the compaction of {Name}", () => driver.Pause(order, job, cancellationToken));

    public Task Throttle(JobOrder order, JobId job, long maxBytesPerSecond, CancellationToken cancellationToken) =>
        guard.Run($"throttling the compaction of {Name}", () => driver.Throttle(order, job, maxBytesPerSecond, cancellationToken));

    public Task<long> StepDown(string replicaSet, string to, CancellationToken cancellationToken) =>
        Run("moving the role of primary from", () => driver.StepDown(replicaSet, to, cancellationToken));

    private Task<T> Run<T>(string what, Func<Task<T>> call) => guard.Run($"{what} {Name}", call);
}

/// <summary>Makes an <see cref="EngineException"/> with a bounded text of whatever a driver throws.</summary>
internal sealed class EngineGuard(string cluster, Action<string, Exception> unexpected)
{
    /// <param name="what">What is done, for the operator.</param>
    /// <param name="fault">What an exception that no driver should throw counts as.</param>
    public async Task<T> Run<T>(string what, Func<Task<T>> call, EngineFault fault = EngineFault.Failed)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw;
        }
        catch (EngineException e) when (AnswerCheck.IsBounded(e.Message))
        {
            throw;
        }
        catch (EngineException e)
        {
            throw new EngineException(e.Fault, AnswerCheck.Text(e.Message), e);
        }
        catch (Exception e)
        {
            unexpected($"{cluster}: {what}", e);
            throw new EngineException(fault, $"{cluster}: {what} failed: the server gave an answer that cannot be used; the log has the details", e);
        }
    }

    public Task Run(string what, Func<Task> call) => Run(
        what,
        async () =>
        {
            await call().ConfigureAwait(false);
            return true;
        });
}
