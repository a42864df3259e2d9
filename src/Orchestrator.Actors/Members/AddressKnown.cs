namespace Orchestrator.Actors.Members;

/// <summary>Told to a member's actor: where the member is reached, for people.</summary>
internal sealed record AddressKnown(string Address) : LocalMessage;
