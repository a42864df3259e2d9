using System.Text.Json.Serialization;

namespace Orchestrator.Core.Nodes;

/// <summary>A fact about a member.</summary>
public abstract record MemberEvent;

/// <summary>
/// A fact that must be on disk before it is acted upon or answered. The node stores
/// <see cref="MemberState.Record"/> of the state after it, or the event itself.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(EpochSeen), "epoch-seen")]
[JsonDerivedType(typeof(PromiseMade), "promise-made")]
[JsonDerivedType(typeof(AppointmentAccepted), "appointment-accepted")]
public abstract record DurableMemberEvent : MemberEvent;

/// <summary>A higher epoch than before.</summary>
public sealed record EpochSeen(long Epoch) : DurableMemberEvent;

/// <summary>A term was promised to an epoch's supervisor.</summary>
public sealed record PromiseMade(long Term, long Epoch) : DurableMemberEvent;

/// <summary>A new appointment is followed.</summary>
public sealed record AppointmentAccepted(Appointment Appointment) : DurableMemberEvent;

/// <summary>A fact that a restart forgets.</summary>
public abstract record VolatileMemberEvent : MemberEvent;

/// <summary>The appointed primary has everything that it must have.</summary>
public sealed record CatchUpFinished(long Term) : VolatileMemberEvent;

/// <summary>The primary stopped writes for a step-down.</summary>
/// <param name="Since">Since when it has taken none.</param>
/// <param name="Until">When it takes writes again if nothing else happens.</param>
public sealed record WritesHalted(long Term, long StepDown, DateTimeOffset Since, DateTimeOffset Until) : VolatileMemberEvent;

/// <summary>The primary takes writes again.</summary>
public sealed record WritesReopened(long Term) : VolatileMemberEvent;

/// <summary>The primary learnt that a higher term exists.</summary>
public sealed record HigherTermSeen(long Term, string Node) : VolatileMemberEvent;

/// <summary>The primary does not go on with its reign.</summary>
/// <param name="Cause">Why, as a clause about the member.</param>
public sealed record ReignResigned(long Term, string Cause) : VolatileMemberEvent;
