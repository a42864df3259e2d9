using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Planning;

/// <summary>What planning gives: a plan, or why there can be none.</summary>
public abstract record PlanResult
{
    private PlanResult()
    {
    }

    /// <summary>The plan; without steps if nothing is worth it.</summary>
    public sealed record Planned(CompactionPlan Plan) : PlanResult;

    /// <summary>Everything that is wrong with the request, or with the cluster's state.</summary>
    public sealed record Refused(IReadOnlyList<PlanProblem> Problems) : PlanResult
    {
        /// <summary>All problems in one answer: the code of the first and every message.</summary>
        public RequestFailed ToFailure() =>
            new(Problems[0].Code, string.Join("; ", Problems.Select(problem => problem.Message)), "");
    }
}

/// <summary>One reason why there is no plan.</summary>
/// <param name="Code">Why, for programs.</param>
/// <param name="Subject">Name of the thing that is missing or wrong.</param>
/// <param name="Message">A sentence that names it.</param>
public sealed record PlanProblem(FailureCode Code, string Subject, string Message);
