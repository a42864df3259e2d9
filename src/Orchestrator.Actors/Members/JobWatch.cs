using Orchestrator.Core.Engines;
using Orchestrator.Core.Runs;

namespace Orchestrator.Actors.Members;

/// <summary>
/// Takes a job of a member one step on: begins it, looks for it, or asks where it stands. Nothing is begun a second time: an
/// attempt that another process may have ordered is looked for, and one that nobody knows is judged by the sizes of its files.
/// </summary>
internal sealed class JobWatch(IEngineCluster cluster, IEngineMember driver)
{
    public async Task<JobNews> Step(JobWork work, CancellationToken cancellationToken)
    {
        try
        {
            return work switch
            {
                { Id: { } id } => await Poll(work, id, cancellationToken).ConfigureAwait(false),
                { Looks: true } => await Look(work, cancellationToken).ConfigureAwait(false),
                _ => await Start(work, cancellationToken).ConfigureAwait(false),
            };
        }
        catch (EngineException e)
        {
            return new JobNews.NoAnswer(e.Message);
        }
    }

    private async Task<JobNews> Start(JobWork work, CancellationToken cancellationToken)
    {
        try
        {
            // Without the claim no work: the run may have lost it while nothing renewed it, and another orchestrator may have begun.
            await Claim(work, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineException e)
        {
            return Failed(e);
        }

        try
        {
            return new JobNews.Began(await driver.Start(work.Order, cancellationToken).ConfigureAwait(false));
        }
        catch (EngineException e) when (e.Fault == EngineFault.Unreachable)
        {
            return new JobNews.Lost(e.Message);
        }
        catch (EngineException e)
        {
            return Failed(e);
        }
    }

    private async Task<JobNews> Look(JobWork work, CancellationToken cancellationToken)
    {
        if (await driver.Find(work.Order, cancellationToken).ConfigureAwait(false) is { } id)
        {
            return new JobNews.Began(id);
        }

        var evidence = work.Trouble.Length > 0 ? work.Trouble : $"{driver.Name} shows no trace of the attempt";
        return await Judge(work, evidence, cancellationToken).ConfigureAwait(false) switch
        {
            JobStatus.Succeeded done => new JobNews.Told(done),
            JobStatus.Failed failed when work.Trouble.Length > 0 => new JobNews.Told(failed),
            _ => new JobNews.NotBegun(),
        };
    }

    private async Task<JobNews> Poll(JobWork work, JobId id, CancellationToken cancellationToken)
    {
        if (!work.HasClaim)
        {
            // The job is at work whoever has the claim; having it keeps others from beginning something beside it.
            await Claim(work, cancellationToken).ConfigureAwait(false);
        }

        var status = await driver.Poll(work.Order, id, cancellationToken).ConfigureAwait(false);
        return new JobNews.Told(status is JobStatus.Unknown unknown
            ? await Judge(work, unknown.Evidence, cancellationToken).ConfigureAwait(false)
            : status);
    }

    private async Task<JobStatus> Judge(JobWork work, string evidence, CancellationToken cancellationToken)
    {
        var settings = work.Order.Settings;
        var seen = await driver.Inventory(new InventoryRequest(settings.Mode, settings.EngineOptions), cancellationToken).ConfigureAwait(false);
        return JobJudge.Judge(work.Order, [.. seen.Units.Concat(seen.SystemUnits).Select(unit => unit.Size)], evidence);
    }

    private Task<string> Claim(JobWork work, CancellationToken cancellationToken) => DriverCalls.Trace(
        "claim cluster", RunTrace.Step(work.Order.Ticket), cluster, driver.Name, () => cluster.Claim(work.Order.Ticket.RunId, cancellationToken));

    private static JobNews.Told Failed(EngineException e) => new(new JobStatus.Failed(e.Message, []) { IsPermanent = e.IsPermanent });
}

/// <summary>The job that a member's actor looks after.</summary>
/// <param name="Order">What it is to do.</param>
/// <param name="Id">Null before it is known to have begun.</param>
/// <param name="Looks">Whether it is looked for before it may be begun.</param>
internal sealed record JobWork(JobOrder Order, JobId? Id, bool Looks)
{
    /// <summary>Whether nothing is to be begun.</summary>
    public bool LookOnly { get; init; }

    /// <summary>Whether this process has claimed the cluster for it.</summary>
    public bool HasClaim { get; init; }

    /// <summary>Whether it is to be cancelled as soon as that is possible.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>Why nobody knows whether the member has the order; empty if that is known.</summary>
    public string Trouble { get; init; } = "";
}

/// <summary>What a step told.</summary>
internal abstract record JobNews
{
    private JobNews()
    {
    }

    /// <summary>What asking how the job stands came to, in one word.</summary>
    public string Outcome => this switch
    {
        Told { Status: JobStatus.Running } => "running",
        Told { Status: JobStatus.Succeeded } => "succeeded",
        Told { Status: JobStatus.Failed } => "failed",
        Told { Status: JobStatus.Paused } => "paused",
        _ => "no-answer",
    };

    /// <summary>The member has the job.</summary>
    public sealed record Began(JobId Id) : JobNews;

    /// <summary>The order may or may not have arrived.</summary>
    public sealed record Lost(string Reason) : JobNews;

    /// <summary>The member was never ordered to do it.</summary>
    public sealed record NotBegun : JobNews;

    /// <summary>Where it stands; never <see cref="JobStatus.Unknown"/>.</summary>
    public sealed record Told(JobStatus Status) : JobNews;

    /// <summary>The member does not answer; the next step asks again.</summary>
    public sealed record NoAnswer(string Reason) : JobNews;
}
