using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>How a job ended that this process carried out.</summary>
internal static class JobEnd
{
    /// <summary>Waits for the work; never throws what the member or the network have against it.</summary>
    /// <param name="failed">What a failure leaves; whether it is permanent is added.</param>
    /// <returns>Null if its end was not seen: the member did not answer, or this process stops. The member may be at work all the same.</returns>
    public static async Task<JobStatus?> Of(Func<Task<JobStatus>> work, Func<EngineException, JobStatus.Failed> failed)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (EngineException e) when (e.Fault == EngineFault.Unreachable)
        {
            return null;
        }
        catch (EngineException e)
        {
            return failed(e) with { IsPermanent = e.IsPermanent };
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
