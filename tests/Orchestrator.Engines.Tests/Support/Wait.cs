using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Tests.Support;

/// <summary>Waits for what drivers and doubles do by themselves.</summary>
internal static class Wait
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan PatienceAfterDeath = TimeSpan.FromSeconds(180);

    public static Task Until(Func<bool> condition) => Until(() => Task.FromResult(condition()));

    public static async Task Until(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            await Task.Delay(10, patience.Token);
        }
    }

    /// <summary>How a job ends.</summary>
    /// <param name="asksAgain">Whether a member that does not answer is asked again, since its process has died and is back.</param>
    public static async Task<JobStatus> Ended(IEngineMember member, JobOrder order, JobId job, bool asksAgain = false)
    {
        using var patience = new CancellationTokenSource(asksAgain ? PatienceAfterDeath : Patience);
        while (true)
        {
            try
            {
                if (await member.Poll(order, job, patience.Token) is var status and not JobStatus.Running)
                {
                    return status;
                }
            }
            catch (EngineException e) when (asksAgain && e.Fault == EngineFault.Unreachable)
            {
                // A connection to the process that died.
            }

            await Task.Delay(10, patience.Token);
        }
    }
}
