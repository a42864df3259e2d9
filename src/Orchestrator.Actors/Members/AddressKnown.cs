namespace Orchestrator.Actors.Members;

/// <summary>Told to a member's actor: where the member is reached, for people, and whether it is without a vote.</summary>
/// <param name="ReplicaSets">Its replica sets; at least one.</param>
internal sealed record AddressKnown(string Address, bool IsLearner, IReadOnlyList<string> ReplicaSets) : LocalMessage;
