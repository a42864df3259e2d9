namespace Orchestrator.MongoDouble;

/// <summary>Collections to try things with.</summary>
internal static class DoubleSamples
{
    private const long MiB = 1 << 20;

    public static void Fill(DoubleReplicaSet set)
    {
        var orders = new DoubleCollection("shop", "orders") { Data = new DoubleFile { Bytes = 900 * MiB, Free = 520 * MiB } };
        orders.Indexes["customer_1"] = new DoubleFile { Bytes = 120 * MiB, Free = 70 * MiB };
        set.Add(orders);
        set.Add(new DoubleCollection("shop", "customers") { Data = new DoubleFile { Bytes = 200 * MiB, Free = 10 * MiB } });
        if (set.Members[0].Version.Since(3, 4))
        {
            set.Add(new DoubleCollection("shop", "open_orders") { Type = "view", Data = new DoubleFile() });
        }

        set.Add(new DoubleCollection("shop", "log") { IsCapped = true, Data = new DoubleFile { Bytes = 64 * MiB } });
        set.Add(new DoubleCollection("events", "clicks") { Data = new DoubleFile { Bytes = 2048 * MiB, Free = 1300 * MiB } });
        set.Add(new DoubleCollection("admin", "system.version") { Data = new DoubleFile { Bytes = 36 << 10 } });
        set.Add(new DoubleCollection("local", "oplog.rs") { IsCapped = true, Data = new DoubleFile { Bytes = 1024 * MiB, Free = 100 * MiB } });
    }
}
