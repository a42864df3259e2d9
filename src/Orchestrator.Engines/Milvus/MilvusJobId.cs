using System.Globalization;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Engines.Milvus;

/// <summary>
/// The compactions that an attempt began with, as <c>RUN/STEP/ATTEMPT@PLACE:ID,PLACE:ID</c>; those that followed later are not in it.
/// </summary>
/// <param name="Compactions">By the place of the unit in the order the id that Milvus gave; -1 where it scheduled nothing.</param>
internal sealed record MilvusJobId(CompactionTicket Ticket, IReadOnlyDictionary<int, long> Compactions)
{
    public JobId ToJobId() => TicketJobId.Of(Ticket, string.Join(
        ',', Compactions.OrderBy(known => known.Key).Select(known => string.Create(CultureInfo.InvariantCulture, $"{known.Key}:{known.Value}"))));

    /// <summary>Null if it is of no job of Milvus.</summary>
    public static MilvusJobId? Parse(JobId id)
    {
        if (TicketJobId.Parse(id) is not { } parsed)
        {
            return null;
        }

        var compactions = new Dictionary<int, long>();
        foreach (var part in parsed.Tail.Split(','))
        {
            if (part.Split(':') is not [var place, var number]
                || !int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                || !long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var compaction))
            {
                return null;
            }

            compactions[index] = compaction;
        }

        return new MilvusJobId(parsed.Ticket, compactions);
    }
}
