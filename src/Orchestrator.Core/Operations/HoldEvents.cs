using System.Text.Json.Serialization;

namespace Orchestrator.Core.Operations;

/// <summary>A fact about holds. Stored in the supervisor's journal.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(HoldPlaced), "hold-placed")]
[JsonDerivedType(typeof(HoldReleased), "hold-released")]
[JsonDerivedType(typeof(HoldRanOut), "hold-ran-out")]
public abstract record HoldEvent(DateTimeOffset At);

/// <summary>A hold is in force from now on; it replaces that of the same owner in the same cluster.</summary>
public sealed record HoldPlaced(Hold Hold, DateTimeOffset At) : HoldEvent(At);

/// <summary>Somebody ended a hold.</summary>
public sealed record HoldReleased(string Cluster, string Owner, string By, DateTimeOffset At) : HoldEvent(At);

/// <summary>A hold was not renewed in time.</summary>
public sealed record HoldRanOut(string Cluster, string Owner, DateTimeOffset At) : HoldEvent(At);
