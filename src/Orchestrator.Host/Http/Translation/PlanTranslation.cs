using System.Text.Json;
using Orchestrator.Core.Engines;
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
                body.Options?.MaxBytesPerSecond ?? options.MaxBytesPerSecond,
                body.Options?.GiveBackPrimary ?? options.GiveBackPrimary,
                body.Options?.MinReclaimableBytes ?? options.MinReclaimableBytes,
                body.Options?.MinFragmentation ?? options.MinFragmentation,
                body.Options?.Comment ?? options.Comment)
            {
                EngineOptions = ToOptions(body.Options?.EngineOptions ?? []),
                IncludeLearners = body.Options?.IncludeLearners ?? options.IncludeLearners,
                Verify = body.Options?.Verify ?? options.Verify,
                OnFailure = FailurePolicyNames.Find(body.Options?.OnFailure ?? "") ?? options.OnFailure,
                MaxParallelReplicaSets = body.Options?.MaxParallelReplicaSets ?? options.MaxParallelReplicaSets,
            });
    }

    /// <summary>A flag that is off is as good as not given.</summary>
    private static OptionValues ToOptions(Dictionary<string, JsonElement> fields) => fields
        .Select(field => (Name: field.Key, Value: OptionValue.From(field.Value)))
        .Where(field => field.Value is not (null or OptionValue.Flag { Value: false }))
        .Aggregate(OptionValues.None, (options, field) => options.With(field.Name, field.Value!));

    private static Dictionary<string, JsonElement>? ToFields(OptionValues options) =>
        options.Given.Count == 0 ? null : options.Given.ToDictionary(given => given.Key, given => JsonElement.Parse(given.Value.ToJson()));

    private static CompactionBody ToBody(CompactionRequest request)
    {
        var (scope, options) = (request.Scope, request.Options);
        return new CompactionBody(
            request.Cluster,
            new ScopeBody(scope.Databases, scope.Collections, scope.Documents, scope.Indexes, scope.Nodes, scope.ReplicaSets),
            new OptionsBody(
                options.Mode,
                options.Force,
                options.MaxBytesPerSecond,
                options.GiveBackPrimary,
                options.MinReclaimableBytes,
                options.MinFragmentation,
                options.Comment)
            {
                EngineOptions = ToFields(options.EngineOptions),
                IncludeLearners = options.IncludeLearners ? true : null,
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
            Note = unit.Note,
        };
}
