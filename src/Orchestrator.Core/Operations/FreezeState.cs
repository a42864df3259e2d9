using System.Collections.Immutable;

namespace Orchestrator.Core.Operations;

/// <summary>The freezes that were started and not ended, by cluster; that of everywhere has the empty name.</summary>
public sealed record FreezeState(ImmutableSortedDictionary<string, Freeze> Freezes)
{
    public static FreezeState Initial { get; } = new(ImmutableSortedDictionary.Create<string, Freeze>(StringComparer.Ordinal));

    /// <summary>The freezes in force at a moment.</summary>
    public IEnumerable<Freeze> InForce(DateTimeOffset now) => Freezes.Values.Where(freeze => freeze.Until is not { } until || until > now);

    /// <summary>Why nothing may start on a cluster, with who, why and until when; empty when it is not frozen.</summary>
    public string On(string cluster, DateTimeOffset now)
    {
        var freeze = InForce(now).FirstOrDefault(freeze => freeze.Cluster.Length == 0 || freeze.Cluster == cluster);
        return freeze is null ? "" : Sentence(freeze);
    }

    /// <summary>A freeze in words.</summary>
    public static string Sentence(Freeze freeze)
    {
        var who = freeze.By.Length > 0 ? $" by {freeze.By}" : "";
        var where = freeze.Cluster.Length > 0 ? freeze.Cluster : "everything";
        var until = freeze.Until is { } end
            ? $"until {TimeText.At(end)}"
            : "until it is lifted";
        return $"{where} was frozen{who} at {TimeText.At(freeze.At)} {until}: {freeze.Reason}";
    }
}
