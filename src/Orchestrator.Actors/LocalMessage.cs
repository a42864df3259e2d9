using Akka.Actor;

namespace Orchestrator.Actors;

/// <summary>A message between actors of one process; it never crosses the wire.</summary>
internal abstract record LocalMessage : INoSerializationVerificationNeeded;
