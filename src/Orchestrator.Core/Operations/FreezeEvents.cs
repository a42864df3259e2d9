using System.Text.Json.Serialization;

namespace Orchestrator.Core.Operations;

/// <summary>A fact about freezes. Stored in the supervisor's journal.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(FreezeStarted), "freeze-started")]
[JsonDerivedType(typeof(FreezeLifted), "freeze-lifted")]
[JsonDerivedType(typeof(FreezeRanOut), "freeze-ran-out")]
public abstract record FreezeEvent(DateTimeOffset At);

/// <summary>A freeze is in force from now on; it replaces an earlier one of the same cluster or of everywhere.</summary>
public sealed record FreezeStarted(Freeze Freeze, DateTimeOffset At) : FreezeEvent(At);

/// <summary>Somebody ended a freeze.</summary>
public sealed record FreezeLifted(string Cluster, string By, DateTimeOffset At) : FreezeEvent(At);

/// <summary>The time of a freeze is over.</summary>
public sealed record FreezeRanOut(string Cluster, DateTimeOffset At) : FreezeEvent(At);
