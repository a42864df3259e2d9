using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Operations;

/// <summary>
/// Lets the supervisor, whose journal is a new one, begin a reign above the one that the members obey: the journal of that one is lost. Refused while
/// members obey this supervisor, or have lately heard of the other one. Answered with <see cref="JournalAdopted"/>.
/// </summary>
public sealed record AdoptJournal(string By, string Reason) : ISupervisorRequest;

/// <summary>The members obey this supervisor from now on.</summary>
/// <param name="FormerEpoch">The highest epoch that members obeyed.</param>
/// <param name="Epoch">The present one.</param>
/// <param name="Clusters">Whose members did.</param>
/// <param name="Lost">What only the former journal knew, in sentences.</param>
public sealed record JournalAdopted(long FormerEpoch, long Epoch, IReadOnlyList<string> Clusters, IReadOnlyList<string> Lost);

/// <summary>Members obey a supervisor of a higher epoch than this one's.</summary>
/// <param name="OtherHeardSecondsAgo">How long ago a member heard of that supervisor; null for not since it has started.</param>
public sealed record Outranking(string Node, long OtherEpoch, long OwnEpoch, double? OtherHeardSecondsAgo)
{
    /// <summary>Within this time the other supervisor counts as running: it looks at its members about every second.</summary>
    private const double Lately = 30;

    /// <summary>Whether the other supervisor still looks after members.</summary>
    public bool OtherReigns => OtherHeardSecondsAgo < Lately;

    /// <summary>What is wrong, and the remedy.</summary>
    public string Trouble => $"{Node} obeys a supervisor with epoch {OtherEpoch}, but this one has epoch {OwnEpoch}: " + (OtherReigns
        ? $"the other one was active {OtherHeardSecondsAgo:0} s ago. All processes that can host the supervisor must share one journal (orchestrator.journal)"
        : "the other one has not been active lately. If its journal can be restored, restore it and restart; if it is lost, 'orchestrator journal adopt' continues "
            + $"with this journal above epoch {OtherEpoch}. If another supervisor is running, all processes that can host it must share one journal (orchestrator.journal)");
}
