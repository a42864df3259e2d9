using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Http.Translation;

namespace Orchestrator.Host.Http;

/// <summary>
/// What people ask the supervisor and order it to do, with the rule of who may: the endpoints of the API and the web page both go through here.
/// Of each answer exactly one part is not null.
/// </summary>
internal sealed class Administration(SupervisorGateway supervisor, RunIds runIds)
{
    /// <summary>The clusters that the caller may see, by name.</summary>
    public async Task<(IReadOnlyList<ClusterDto>? Reply, IResult? Problem)> Clusters(Caller caller, CancellationToken cancellationToken)
    {
        var (list, problem) = await supervisor.Ask<ClusterList>(new ListClusters(), SupervisorGateway.Quick, cancellationToken);
        return (list is null ? null : [.. list.Clusters
            .Where(cluster => caller.May(Permission.View, cluster.Name))
            .OrderBy(cluster => cluster.Name, StringComparer.Ordinal)
            .Select(cluster => cluster.ToDto())], problem);
    }

    public async Task<(ClusterDto? Reply, IResult? Problem)> Cluster(Caller caller, string cluster, CancellationToken cancellationToken)
    {
        var (view, problem) = await Ask<ClusterView>(caller, Permission.View, cluster, new GetCluster(cluster), SupervisorGateway.Quick, cancellationToken);
        return (view?.ToDto(), problem);
    }

    /// <summary>Sizes, measured now.</summary>
    public Task<(StorageReport? Reply, IResult? Problem)> Report(Caller caller, string cluster, CancellationToken cancellationToken) =>
        Ask<StorageReport>(caller, Permission.View, cluster, new GetStorageReport(cluster), SupervisorGateway.AsksNodes, cancellationToken);

    /// <summary>A dry run.</summary>
    /// <param name="body">Checked as far as the engine need not be known.</param>
    public async Task<(PlanDto? Reply, IResult? Problem)> Plan(Caller caller, string cluster, CompactionBody body, CancellationToken cancellationToken)
    {
        var request = body.ToRequest(cluster);
        if (caller.SystemRefusal(request.Scope, cluster) is { } refusal)
        {
            return (null, refusal);
        }

        var (made, problem) = await Ask<PlanMade>(
            caller, Permission.View, cluster, new MakePlan(request) { Window = body.Window }, SupervisorGateway.AsksNodes, cancellationToken);
        var plan = made?.Plan.ToDto();
        return (plan is null ? null : plan with { Request = plan.Request with { Window = body.Window, NeedsApproval = body.NeedsApproval } }, problem);
    }

    /// <summary>Makes a plan and starts its run.</summary>
    /// <param name="body">With its cluster; checked as far as the engine need not be known.</param>
    public async Task<(RunDto? Reply, IResult? Problem)> Start(Caller caller, CompactionBody body, CancellationToken cancellationToken)
    {
        var request = body.ToRequest(body.Cluster!);
        if ((caller.Refusal(Permission.Operate, body.Cluster) ?? caller.SystemRefusal(request.Scope, body.Cluster)) is { } refusal)
        {
            return (null, refusal);
        }

        var origin = new RunOrigin(caller.Name, "", body.Window ?? "", body.NeedsApproval ?? false);
        var (run, problem) = await supervisor.Ask<RunView>(
            new StartRun(runIds.Next(), request) { Origin = origin }, SupervisorGateway.AsksNodes, cancellationToken);
        return (run?.ToDto(), problem);
    }

    /// <param name="request">Which runs; those that the caller may not see are left out.</param>
    public async Task<(RunListDto? Reply, IResult? Problem)> Runs(Caller caller, ListRuns request, CancellationToken cancellationToken)
    {
        if (request.Cluster.Length > 0 && caller.Refusal(Permission.View, request.Cluster) is { } refusal)
        {
            return (null, refusal);
        }

        var (page, problem) = await supervisor.Ask<RunPage>(
            request with { Clusters = caller.ClustersWith(Permission.View) }, SupervisorGateway.Quick, cancellationToken);
        return (page?.ToDto(), problem);
    }

    public async Task<(RunDto? Reply, IResult? Problem)> Run(Caller caller, string run, CancellationToken cancellationToken)
    {
        var (view, problem) = await View(caller, Permission.View, run, cancellationToken);
        return (view?.ToDto(), problem);
    }

    /// <summary>A run's events after a number; waits for some, or for progress, at most so long.</summary>
    public async Task<(RunEventBatch? Reply, IResult? Problem)> Events(
        Caller caller, string run, long after, TimeSpan wait, CancellationToken cancellationToken)
    {
        var (batch, problem) = await supervisor.Ask<RunEventBatch>(
            new ReadRunEvents(run, after, wait), SupervisorGateway.Quick + wait, cancellationToken);
        return batch is not null && caller.Refusal(Permission.View, batch.Run.Plan.Request.Cluster) is { } refusal ? (null, refusal) : (batch, problem);
    }

    /// <summary>An order to a run.</summary>
    /// <param name="order">Makes it of the caller's name.</param>
    public async Task<(RunDto? Reply, IResult? Problem)> Control(
        Caller caller, string run, Func<string, IRunControl> order, CancellationToken cancellationToken)
    {
        // The cluster of a run has to be looked up unless the caller has the permission everywhere.
        if (!caller.MayEverywhere(Permission.Operate) && await View(caller, Permission.Operate, run, cancellationToken) is { Problem: { } refusal })
        {
            return (null, refusal);
        }

        var (view, problem) = await supervisor.Ask<RunView>(order(caller.Name), SupervisorGateway.AsksNodes, cancellationToken);
        return (view?.ToDto(), problem);
    }

    /// <summary>The freezes that the caller may see.</summary>
    public Task<(IReadOnlyList<FreezeDto>? Reply, IResult? Problem)> Freezes(Caller caller, CancellationToken cancellationToken) =>
        AskFreezes(caller, new ListFreezes(), cancellationToken);

    /// <param name="cluster">Empty or null for everywhere.</param>
    public async Task<(IReadOnlyList<FreezeDto>? Reply, IResult? Problem)> Freeze(
        Caller caller, string? cluster, string reason, DateTimeOffset? until, bool replace, CancellationToken cancellationToken) =>
        caller.Refusal(Permission.Operate, cluster) is { } refusal
            ? (null, refusal)
            : await AskFreezes(caller, new StartFreeze(cluster ?? "", caller.Name, reason, until, replace), cancellationToken);

    /// <param name="cluster">Empty or null for everywhere.</param>
    public async Task<(IReadOnlyList<FreezeDto>? Reply, IResult? Problem)> Lift(Caller caller, string? cluster, CancellationToken cancellationToken) =>
        caller.Refusal(Permission.Operate, cluster) is { } refusal
            ? (null, refusal)
            : await AskFreezes(caller, new LiftFreeze(cluster ?? "", caller.Name), cancellationToken);

    /// <summary>The holds in force on a cluster.</summary>
    public async Task<(HoldListDto? Reply, IResult? Problem)> Holds(Caller caller, string cluster, CancellationToken cancellationToken)
    {
        var (list, problem) = await Ask<HoldList>(caller, Permission.View, cluster, new ListHolds(cluster), SupervisorGateway.Quick, cancellationToken);
        return (list?.ToDto(), problem);
    }

    /// <summary>The holds in force on the clusters that the caller may see.</summary>
    public async Task<(HoldListDto? Reply, IResult? Problem)> Holds(Caller caller, CancellationToken cancellationToken)
    {
        var (list, problem) = await supervisor.Ask<HoldList>(new ListHolds(""), SupervisorGateway.Quick, cancellationToken);
        return (list is null ? null : new HoldListDto([.. list.ToDto().Holds.Where(hold => caller.May(Permission.View, hold.Cluster))]), problem);
    }

    /// <summary>The schedules that cover a cluster of the caller's.</summary>
    public Task<(ScheduleList? Reply, IResult? Problem)> Schedules(Caller caller, CancellationToken cancellationToken) =>
        supervisor.Ask<ScheduleList>(
            new ListSchedules { Clusters = caller.ClustersWith(Permission.View) }, SupervisorGateway.Quick, cancellationToken);

    /// <param name="database">Empty for all.</param>
    /// <param name="collection">Empty for all.</param>
    public async Task<(ExplanationDto? Reply, IResult? Problem)> Explain(
        Caller caller, string cluster, string database, string collection, CancellationToken cancellationToken)
    {
        var (explanation, problem) = await Ask<Explanation>(
            caller, Permission.View, cluster, new ExplainUnits(cluster, database, collection), SupervisorGateway.AsksNodes, cancellationToken);
        return (explanation?.ToDto(), problem);
    }

    /// <summary>The audit trail without the entries that the caller may not see.</summary>
    public async Task<(AuditDto? Reply, IResult? Problem)> Audit(Caller caller, ReadAudit request, CancellationToken cancellationToken)
    {
        var (trail, problem) = await supervisor.Ask<AuditTrail>(request, SupervisorGateway.ReadsJournal, cancellationToken);
        return (trail?.ToDto(request, entry => caller.May(Permission.View, entry.Cluster)), problem);
    }

    private async Task<(IReadOnlyList<FreezeDto>? Reply, IResult? Problem)> AskFreezes(
        Caller caller, ISupervisorRequest request, CancellationToken cancellationToken)
    {
        var (list, problem) = await supervisor.Ask<FreezeList>(request, SupervisorGateway.Quick, cancellationToken);
        return (list is null ? null : [.. list.ToDto().Freezes.Where(freeze => freeze.Cluster is null || caller.May(Permission.View, freeze.Cluster))], problem);
    }

    private async Task<(RunView? Reply, IResult? Problem)> View(Caller caller, Permission permission, string run, CancellationToken cancellationToken)
    {
        var (view, problem) = await supervisor.Ask<RunView>(new GetRun(run), SupervisorGateway.Quick, cancellationToken);
        return view is not null && caller.Refusal(permission, view.Plan.Request.Cluster) is { } refusal ? (null, refusal) : (view, problem);
    }

    private async Task<(TReply? Reply, IResult? Problem)> Ask<TReply>(
        Caller caller, Permission permission, string cluster, ISupervisorRequest request, TimeSpan timeout, CancellationToken cancellationToken)
        where TReply : class => caller.Refusal(permission, cluster) is { } refusal
            ? (null, refusal)
            : await supervisor.Ask<TReply>(request, timeout, cancellationToken);
}
