using System.Globalization;

namespace Orchestrator.CouchDouble;

/// <summary>Databases to try things with.</summary>
internal static class DoubleSamples
{
    private const long MiB = 1 << 20;

    /// <param name="small">Databases of hardly any size beside them.</param>
    /// <param name="large">And of some size, half of it dead.</param>
    public static void Fill(DoubleCluster cluster, int small, int large)
    {
        // 1.x has none.
        var shards = cluster.Speaks.IsSingle ? 1 : (int?)null;
        var shop = cluster.Create("shop", q: shards ?? 2, file: 400 * MiB, active: 150 * MiB);
        cluster.AddView(shop, "by-date", file: 90 * MiB, active: 30 * MiB);
        cluster.AddView(shop, "by-customer", file: 40 * MiB, active: 38 * MiB);
        var events = cluster.Create("events/2026+archive", q: 1, file: 900 * MiB, active: 880 * MiB);
        cluster.AddView(events, "daily", file: 300 * MiB, active: 90 * MiB);
        cluster.Create("sessions", q: shards ?? 4, file: 64 * MiB, active: 2 * MiB);
        cluster.Create("_users", q: 1, file: 3 * MiB, active: MiB);
        cluster.Create("_replicator", q: 1);
        foreach (var shard in cluster.Nodes.SelectMany(node => node.Shards.Values).Where(shard => shard.Shard.Contains("/shop.", StringComparison.Ordinal)))
        {
            shard.StaleIndexBytes = 25 * MiB;
            shard.StaleIndexes.Add(DoubleView.SignatureOf("by-date of last year"));
        }

        for (var i = 0; i < large; i++)
        {
            cluster.Create(string.Create(CultureInfo.InvariantCulture, $"customer-{i:00000}"), q: shards ?? 1, file: 20 * MiB, active: 10 * MiB);
        }

        for (var i = 0; i < small; i++)
        {
            cluster.Create(string.Create(CultureInfo.InvariantCulture, $"user-{i:00000}"), q: shards ?? 2);
        }
    }
}
