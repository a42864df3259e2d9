using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http.Translation;

/// <summary>Between the API's plans and the planner's.</summary>
internal static class PlanTranslation
{
    public static PlanDto ToDto(this CompactionPlan plan) => new(
        plan.Request.Cluster,
        ToBody(plan.Request),
        plan.MadeAt,
        plan.BytesFreed,
        [.. plan.ReplicaSets.Select(ToDto)]);

    /// <summary>Fills in the defaults.</summary>
    public static CompactionRequest ToRequest(this CompactionBody body, string cluster)
    {
        var scope = CompactionScope.Everything;
        var options = CompactionOptions.Default;
        return new CompactionRequest(
            cluster,
            new CompactionScope(
                body.Scope?.Databases ?? scope.Databases,
                body.Scope?.Collections ?? scope.Collections,
                body.Scope?.Documents ?? scope.Documents,
                body.Scope?.Indexes ?? scope.Indexes,
                body.Scope?.Nodes ?? scope.Nodes,
                body.Scope?.ReplicaSets ?? scope.ReplicaSets),
            new CompactionOptions(
                body.Options?.Mode ?? options.Mode,
                body.Options?.Force ?? options.Force,
                body.Options?.FreeSpaceTargetMB ?? options.FreeSpaceTargetMB,
                body.Options?.MaxBytesPerSecond ?? options.MaxBytesPerSecond,
                body.Options?.GiveBackPrimary ?? options.GiveBackPrimary,
                body.Options?.MinReclaimableBytes ?? options.MinReclaimableBytes,
                body.Options?.MinFragmentation ?? options.MinFragmentation,
                body.Options?.Comment ?? options.Comment)
            {
                PaddingFactor = body.Options?.PaddingFactor ?? options.PaddingFactor,
                PaddingBytes = body.Options?.PaddingBytes ?? options.PaddingBytes,
                CompactHistory = body.Options?.CompactHistory ?? options.CompactHistory,
                DisarmNoSpace = body.Options?.DisarmNoSpace ?? options.DisarmNoSpace,
                IncludeLearners = body.Options?.IncludeLearners ?? options.IncludeLearners,
                DiscardPartial = body.Options?.DiscardPartial ?? options.DiscardPartial,
                Verify = body.Options?.Verify ?? options.Verify,
                OnFailure = FailurePolicyNames.Find(body.Options?.OnFailure ?? "") ?? options.OnFailure,
                MaxParallelReplicaSets = body.Options?.MaxParallelReplicaSets ?? options.MaxParallelReplicaSets,
            });
    }

    private static CompactionBody ToBody(CompactionRequest request)
    {
        var (scope, options) = (request.Scope, request.Options);
        return new CompactionBody(
            request.Cluster,
            new ScopeBody(scope.Databases, scope.Collections, scope.Documents, scope.Indexes, scope.Nodes, scope.ReplicaSets),
            new OptionsBody(
                options.Mode,
                options.Force,
                options.FreeSpaceTargetMB,
                options.MaxBytesPerSecond,
                options.GiveBackPrimary,
                options.MinReclaimableBytes,
                options.MinFragmentation,
                options.Comment)
            {
                PaddingFactor = options.PaddingFactor > 0 ? options.PaddingFactor : null,
                PaddingBytes = options.PaddingBytes >= 0 ? options.PaddingBytes : null,
                CompactHistory = options.CompactHistory > 0 ? options.CompactHistory : null,
                DisarmNoSpace = options.DisarmNoSpace ? true : null,
                IncludeLearners = options.IncludeLearners ? true : null,
                DiscardPartial = options.DiscardPartial,
                Verify = options.Verify,
                OnFailure = options.OnFailure.ToText(),
                MaxParallelReplicaSets = options.MaxParallelReplicaSets,
            });
    }

    private static ReplicaSetPlanDto ToDto(ReplicaSetPlan plan) => new(
        plan.ReplicaSet,
        plan.Primary.NullIfEmpty(),
        [.. plan.Steps.Select(ToDto)],
        [.. plan.Skipped.Select(unit => new SkippedDto(unit.Node, unit.Path, unit.Reason))])
    {
        Unanswered = [.. plan.Unanswered.Select(check => new UnansweredCheckDto(check.Check, check.Message))],
    };

    private static PlanStepDto ToDto(PlanStep step) => step switch
    {
        CompactMemberStep compact => new PlanStepDto(
            compact.Number,
            "compact",
            compact.Node,
            compact.Reason,
            compact.RoleWhenPlanned.ToText(),
            compact.BytesFreed,
            compact.TemporaryBytes,
            compact.Units.Sum(unit => unit.Duration.TotalSeconds),
            [.. compact.Units.Select(unit => unit.ToDto())],
            null)
        {
            Mode = compact.Mode.NullIfEmpty(),
        },
        StepDownStep stepDown => new PlanStepDto(
            stepDown.Number, "step-down", stepDown.Node, stepDown.Reason, null, null, null, null, null, stepDown.Candidates),
        _ => throw new InvalidOperationException($"unknown plan step {step.GetType().Name}"),
    };

    public static UnitEstimateDto ToDto(this UnitEstimate unit) =>
        new(unit.Size.Unit.Path, unit.Size.FileBytes, unit.BytesFreed, unit.TemporaryBytes, unit.Duration.TotalSeconds)
        {
            Refusal = unit.Refusal.NullIfEmpty(),
            Sampled = unit.Sampled ? true : null,
        };
}
