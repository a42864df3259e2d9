using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Topology;

/// <summary>
/// Chooses a primary from members that have promised its term, and what it must catch up with. Any majority that has a
/// change on disk shares a member with the promisers, and promisers take no more changes of lower terms: so for every
/// collection the promiser that is most advanced has every acknowledged change.
/// </summary>
public static class PrimaryChoice
{
    /// <summary>The appointment that a majority's promises allow.</summary>
    /// <param name="unfit">Promisers that cannot serve; taken only if there is no other.</param>
    public static Appointment Choose(
        ReplicaSetDefinition definition,
        long term,
        TermGoal goal,
        IReadOnlyDictionary<string, TermPromised> promises,
        IReadOnlySet<string> unfit)
    {
        if (promises.Count < definition.Majority)
        {
            throw new InvalidOperationException(
                $"{promises.Count} promises of term {term} are not a majority of {definition.Members.Count} members");
        }

        if (goal is TermGoal.Instead instead)
        {
            unfit = unfit.Append(instead.Of).ToHashSet();
        }

        var promisers = definition.Members.Where(promises.ContainsKey).ToList();
        var ahead = MostAdvanced(promisers.Select(node => promises[node]));
        var chosen = goal is TermGoal.Planned planned && promises.ContainsKey(planned.To) && !unfit.Contains(planned.To)
            ? planned.To
            : Best(promisers, promises, ahead, PreviousOf(goal), unfit);
        var own = promises[chosen].Positions.ToDictionary(position => (position.Database, position.Collection));
        var catchUp = ahead
            .Where(entry => !own.TryGetValue(entry.Key, out var have) || have.CompareTo(entry.Value.Position) < 0)
            .Select(entry => entry.Value)
            .Where(source => source.Position.Sequence > 0)
            .OrderBy(source => source.Position.Database != FeedPosition.CatalogDatabase)
            .ThenBy(source => source.Position.Database, StringComparer.Ordinal)
            .ThenBy(source => source.Position.Collection, StringComparer.Ordinal)
            .ToList();
        return new Appointment(term, chosen, promises[chosen].Address, definition.Members, catchUp);
    }

    private static string PreviousOf(TermGoal goal) => goal switch
    {
        TermGoal.Unplanned unplanned => unplanned.Previous,
        TermGoal.Planned planned => planned.From,
        _ => "",
    };

    private static Dictionary<(string, string), CatchUpSource> MostAdvanced(IEnumerable<TermPromised> promises)
    {
        var ahead = new Dictionary<(string, string), CatchUpSource>();
        foreach (var promise in promises)
        {
            foreach (var position in promise.Positions)
            {
                var key = (position.Database, position.Collection);
                if (!ahead.TryGetValue(key, out var best) || position.CompareTo(best.Position) > 0)
                {
                    ahead[key] = new CatchUpSource(position, promise.Node, promise.Address);
                }
            }
        }

        return ahead;
    }

    /// <summary>
    /// The catalog decides first, since it says which collections exist; then in how many collections nobody is ahead
    /// (the less there is to catch up, the sooner writes are taken); then the primary before; then the configured order.
    /// </summary>
    private static string Best(
        List<string> promisers,
        IReadOnlyDictionary<string, TermPromised> promises,
        Dictionary<(string, string), CatchUpSource> ahead,
        string previous,
        IReadOnlySet<string> unfit) => promisers
        .OrderBy(unfit.Contains)
        .ThenByDescending(node => CatalogOf(promises[node]))
        .ThenByDescending(node => promises[node].Positions.Count(position =>
            position.CompareTo(ahead[(position.Database, position.Collection)].Position) == 0))
        .ThenByDescending(node => node == previous)
        .First();

    private static (long Term, long Sequence) CatalogOf(TermPromised promise)
    {
        var catalog = promise.Positions.FirstOrDefault(position =>
            position.Database == FeedPosition.CatalogDatabase && position.Collection == FeedPosition.CatalogCollection);
        return catalog is null ? (0, 0) : (catalog.Term, catalog.Sequence);
    }
}
