using System.Collections.Immutable;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Embedded.Nodes;

/// <summary>The file of ended compactions.</summary>
/// <param name="Statuses">Oldest first.</param>
/// <param name="Latest">The last ticket of each run that was begun here.</param>
internal sealed record FinishedCompactions(ImmutableList<CompactionStatus> Statuses, ImmutableList<CompactionTicket> Latest)
{
    public static FinishedCompactions None { get; } = new([], []);
}
