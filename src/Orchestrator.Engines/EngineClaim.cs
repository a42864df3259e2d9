using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>
/// Keeps a second orchestrator away while a run works on a cluster, by something that is written in the cluster itself. It names the run and
/// the process, and is over after its time unless it is renewed. A run whose process has died takes its own over from another process.
/// </summary>
/// <param name="cluster">Name of the cluster.</param>
/// <param name="timeToLive">How long it counts after it was taken or renewed.</param>
internal abstract class EngineClaim(string cluster, TimeSpan timeToLive, TimeProvider time) : IAsyncDisposable
{
    // Parting must not hold up the end of a process for long; the claim is over by itself.
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _one = new(1);
    private long _renewedAt;

    /// <summary>Whether a run of this process works on the cluster.</summary>
    public bool IsHeld => Run.Length > 0;

    protected TimeProvider Time => time;

    /// <summary>The run that has it in this process; empty for none.</summary>
    protected string Run { get; private set; } = "";

    /// <summary>Why the settings want none; null if they want one.</summary>
    protected virtual string? Off => null;

    private bool IsAlive => IsHeld && time.GetElapsedTime(_renewedAt) < timeToLive;

    /// <returns>Why there is no claim though nobody else has it; empty when it is held.</returns>
    /// <exception cref="EngineException">Another orchestrator has it.</exception>
    public async Task<string> Take(string runId, CancellationToken cancellationToken)
    {
        if (Off is { } off)
        {
            return Unclaimed(off);
        }

        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (IsAlive)
            {
                return Run == runId ? "" : throw new EngineException(EngineFault.Claimed, $"run {Run} works on {cluster}; wait for it");
            }

            var asked = time.GetTimestamp();
            await Write(runId, cancellationToken).ConfigureAwait(false);
            (Run, _renewedAt) = (runId, asked);
            await OnTaken(cancellationToken).ConfigureAwait(false);
            return "";
        }
        catch (EngineRefusal refusal) when (Obstacle(refusal) is { } obstacle)
        {
            return Unclaimed(obstacle);
        }
        finally
        {
            _one.Release();
        }
    }

    public async Task Renew(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (IsHeld)
            {
                var asked = time.GetTimestamp();
                await Prolong(cancellationToken).ConfigureAwait(false);
                _renewedAt = asked;
            }
        }
        catch (EngineException e) when (e.Fault == EngineFault.Claimed)
        {
            Run = "";
            OnLost();
        }
        catch (Exception e) when (e is EngineException or EngineRefusal)
        {
            // The next renewal may come through, for example after an election; if none does in time, the claim is no longer counted as held.
        }
        finally
        {
            _one.Release();
        }
    }

    public async Task Release(string runId, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (IsHeld && Run == runId)
            {
                Run = "";
                await Remove(runId, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var limited = new CancellationTokenSource(FarewellTimeout, time);
        try
        {
            await Release(Run, limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It is over by itself.
        }

        _one.Dispose();
    }

    /// <summary>Writes it, over one of the same run, or one that is over.</summary>
    /// <exception cref="EngineException">Another orchestrator has it.</exception>
    protected abstract Task Write(string runId, CancellationToken cancellationToken);

    /// <summary>Writes it again.</summary>
    /// <exception cref="EngineException">Another orchestrator has it, or it was over before.</exception>
    protected virtual Task Prolong(CancellationToken cancellationToken) => Write(Run, cancellationToken);

    /// <summary>Removes what is written; what cannot be removed is over by itself.</summary>
    protected abstract Task Remove(string runId, CancellationToken cancellationToken);

    /// <returns>Why the cluster takes no claim; null if the refusal is another one.</returns>
    protected abstract string? Obstacle(EngineRefusal refusal);

    /// <summary>The claim of <see cref="Run"/> is written.</summary>
    protected virtual Task OnTaken(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Somebody else has it now.</summary>
    protected virtual void OnLost()
    {
    }

    /// <summary>Does something while the claim is neither taken nor given back.</summary>
    protected async Task Alone(Func<Task> work, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await work().ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    private static string Unclaimed(string reason) => $"{reason}: nothing keeps a second orchestrator away";
}
