namespace Orchestrator.Actors.Members;

/// <summary>Told to a member's actor: where the member is reached, for people, and whether it is without a vote.</summary>
internal sealed record AddressKnown(string Address, bool IsLearner) : LocalMessage;
