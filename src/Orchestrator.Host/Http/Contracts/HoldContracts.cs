namespace Orchestrator.Host.Http.Contracts;

/// <summary>Says that somebody is about to take members out, so that no run begins a step next to them.</summary>
/// <param name="Owner">Names the hold in its cluster: 1 to 63 letters, digits, <c>-</c>, <c>_</c>, <c>.</c>. The same owner again renews it.</param>
/// <param name="Reason">Why; never empty.</param>
/// <param name="Members">Whose replica sets are held; absent or empty: the whole cluster.</param>
/// <param name="TtlSeconds">How long it lasts unless it is renewed: 1 to 86400 seconds.</param>
public sealed record HoldBody(string Owner, string Reason, IReadOnlyList<string>? Members, long TtlSeconds);

/// <summary>The holds in force on a cluster, by owner.</summary>
public sealed record HoldListDto(IReadOnlyList<HoldDto> Holds);

/// <summary>A hold: no run begins a step next to its members while it is in force.</summary>
/// <param name="Members">Empty for the whole cluster.</param>
/// <param name="By">Who placed it.</param>
/// <param name="At">Since when.</param>
/// <param name="Until">When it ends unless it is renewed.</param>
/// <param name="Working">What runs still do next to the held members. Until this is empty, its owner should wait.</param>
public sealed record HoldDto(
    string Cluster,
    string Owner,
    string Reason,
    IReadOnlyList<string> Members,
    string By,
    DateTimeOffset At,
    DateTimeOffset Until,
    IReadOnlyList<HeldWorkDto> Working);

/// <summary>A step that was at work before the hold; it is finished.</summary>
/// <param name="Step">Number of the step.</param>
public sealed record HeldWorkDto(string Member, string RunId, int Step);
