using Orchestrator.Core.Engines;
using Orchestrator.Engines.MongoDb;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.MongoDouble;

namespace Orchestrator.Engines.Tests.MongoDb;

/// <summary>Replica sets of the double, and drivers for them.</summary>
internal static class MongoDoubles
{
    public const string Cluster = Orchestration.Cluster;
    public const long MiB = 1 << 20;

    /// <summary>A set of three with one collection that is worth compacting and one that is not.</summary>
    public static DoubleReplicaSet ThreeMembers(string version = "7.0.14") => Fill(new DoubleReplicaSet("rs0", version, new(), new(), new()));

    public static DoubleReplicaSet Fill(DoubleReplicaSet set)
    {
        var orders = new DoubleCollection("shop", "orders") { Data = new DoubleFile { Bytes = 200 * MiB, Free = 120 * MiB } };
        orders.Indexes["customer_1"] = new DoubleFile { Bytes = 60 * MiB, Free = 40 * MiB };
        set.Add(orders);
        set.Add(new DoubleCollection("shop", "customers") { Data = new DoubleFile { Bytes = 100 * MiB, Free = 5 * MiB } });
        set.Add(new DoubleCollection("admin", "system.version") { Data = new DoubleFile { Bytes = 36 << 10 } });
        return set;
    }

    /// <summary>The member's compactions stay at work until the answer is completed.</summary>
    public static TaskCompletionSource Hold(this DoubleMember member) =>
        member.Held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public static void Release(this DoubleMember member)
    {
        var held = member.Held;
        member.Held = null;
        held?.TrySetResult();
    }

    public static MongoDbClusterOptions OptionsFor(DoubleReplicaSet set) => new()
    {
        Name = Cluster,
        Uri = $"mongodb://{string.Join(',', set.Members.Where(member => !member.Options.IsArbiter).Select(member => member.Address))}/"
            + (set.IsReplicaSet ? $"?replicaSet={set.Name}" : ""),
        DiscoverInterval = TimeSpan.FromMilliseconds(500),
        ClaimTimeToLive = TimeSpan.FromSeconds(30),
    };

    public static Orchestration Orchestrate(DoubleReplicaSet set, Func<MongoDbClusterOptions, MongoDbClusterOptions>? adjust = null) =>
        new(process => new MongoDbCluster((adjust ?? (options => options))(OptionsFor(set)), process, TimeProvider.System));

    public static MongoDbCluster Open(DoubleReplicaSet set, Func<MongoDbClusterOptions, MongoDbClusterOptions>? adjust = null) =>
        new((adjust ?? (options => options))(OptionsFor(set)), "test", TimeProvider.System);

    /// <summary>The driver of a member of a cluster that is discovered now.</summary>
    public static async Task<IEngineMember> MemberOf(MongoDbCluster cluster, DoubleReplicaSet set, int index)
    {
        await cluster.Discover(CancellationToken.None);
        return cluster.Member(set.Members[index].Name);
    }
}
