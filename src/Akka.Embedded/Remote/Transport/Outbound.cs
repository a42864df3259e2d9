using Akka.Actor;

namespace Akka.Remote.Transport;

/// <summary>A message that waits to be written.</summary>
internal readonly record struct Outbound(RemoteActorRef Recipient, object Message, IActorRef? Sender);
