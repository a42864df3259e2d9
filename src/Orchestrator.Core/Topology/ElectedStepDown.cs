using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Topology;

/// <summary>The rules of a step-down where the engine elects its primaries: who takes over, or why it is refused.</summary>
public static class ElectedStepDown
{
    /// <param name="underWay">Whether a step-down of the set is under way already.</param>
    /// <returns>The successor, or why there is none.</returns>
    public static (string Successor, RequestFailed? Refusal) Choose(ReplicaSetSnapshot set, RequestStepDown request, bool underWay)
    {
        var members = set.Definition.Members;
        if (new[] { request.ExpectedPrimary, request.To }.FirstOrDefault(name => name.Length > 0 && !members.Contains(name)) is { } unknown)
        {
            return Refuse(FailureCode.NotFound, $"replica set {request.ReplicaSet} has no member '{unknown}'; {KnownNames.Of(members, "it has none")}");
        }

        if (request.To == request.ExpectedPrimary)
        {
            return Refuse(FailureCode.Invalid, $"{request.To} is to step down itself; name another member");
        }

        if (underWay)
        {
            return Refuse(FailureCode.Conflict, $"{request.ExpectedPrimary} is already stepping down");
        }

        if (set.Primary != request.ExpectedPrimary)
        {
            return Refuse(
                FailureCode.Conflict,
                set.Primary.Length == 0
                    ? $"replica set {request.ReplicaSet} has no primary"
                    : $"{request.ExpectedPrimary} is not the primary of {request.ReplicaSet}; {set.Primary} is");
        }

        var fit = Fit(set);
        if (request.To.Length > 0)
        {
            return fit.Contains(request.To)
                ? (request.To, null)
                : Refuse(FailureCode.Refused, $"{request.To} cannot take over: it is {Describe(set.Member(request.To).Observation)}");
        }

        return fit.Count > 0 ? (fit[0], null) : Refuse(FailureCode.Refused, $"no member can take over from {request.ExpectedPrimary}");
    }

    /// <summary>Members that can take over, the least behind first.</summary>
    private static List<string> Fit(ReplicaSetSnapshot set) =>
    [
        .. set.Members
            .Select(member => member.Observation)
            .Where(seen => seen.Node != set.Primary && seen is { Role: MemberRole.Secondary, CannotLead: false, State: NodeState.Online })
            .OrderBy(seen => seen.Lag.Changes)
            .ThenBy(seen => seen.Node, StringComparer.Ordinal)
            .Select(seen => seen.Node),
    ];

    private static string Describe(NodeObservation seen) => seen.Role == MemberRole.Learner
        ? "a learner"
        : seen.CannotLead
        ? "configured never to become primary"
        : $"{seen.State.ToText()}{ReasonText.InBrackets(seen.Reason)}";

    private static (string Successor, RequestFailed? Refusal) Refuse(FailureCode code, string message) => ("", new RequestFailed(code, message, ""));
}
