using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs;

/// <summary>What a failed step means for the others of its replica set.</summary>
internal static class FailureRules
{
    /// <summary>
    /// Why a step is left out by the failure policy; empty if it is not. Where members differ nobody knows whose copy is the right one
    /// before an operator has looked: no policy goes on in that set.
    /// </summary>
    public static string ReasonToSkip(RunDraft draft, StepState state, ReplicaSetSnapshot set)
    {
        if (draft.Run.Steps.OfType<FailedStep>().FirstOrDefault(step => step.MembersDiffer && step.Step.ReplicaSet == state.Step.ReplicaSet) is { } different)
        {
            return $"step {different.Step.Number} found that members of {set.Definition.Name} differ: nothing more is done there";
        }

        if (draft.Options.OnFailure != FailurePolicy.SkipMember
            || draft.Run.Steps.OfType<FailedStep>().FirstOrDefault(step => step.Step.ReplicaSet == state.Step.ReplicaSet) is not { } failed)
        {
            return "";
        }

        if (state.Step is StepDownStep)
        {
            return $"step {failed.Step.Number} failed: the primary of {set.Definition.Name} is not stepped down after that";
        }

        if (state.Step.Node == failed.Step.Node)
        {
            return $"step {failed.Step.Number} of the same member failed";
        }

        return set.HasPrimary && !draft.Options.Force && set.Primary == state.Step.Node
            ? $"{state.Step.Node} is primary and is not stepped down, since step {failed.Step.Number} failed"
            : "";
    }

    /// <summary>Leaves the step out; what its attempts have done stays in the books.</summary>
    public static void Skip(RunDraft draft, StepState state, string reason)
    {
        if (state is StartedStep started)
        {
            draft.Cancel(started, reason, []);
        }
        else
        {
            draft.Add(new StepSkipped(state.Step.Number, reason, draft.Now));
        }
    }
}
