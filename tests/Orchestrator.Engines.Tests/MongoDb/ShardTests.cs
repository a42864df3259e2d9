using Orchestrator.Engines.Tests.Support;
using Orchestrator.MongoDouble;

namespace Orchestrator.Engines.Tests.MongoDb;

/// <summary>A sharded cluster: each shard is a replica set of one cluster, found through a mongos.</summary>
public sealed class ShardTests
{
    [Fact]
    public async Task Every_shard_is_compacted_member_by_member()
    {
        await using var first = MongoDoubles.Fill(new DoubleReplicaSet("shard-a", "7.0.14", new(), new(), new()));
        await using var second = MongoDoubles.Fill(new DoubleReplicaSet("shard-b", "7.0.14", new(), new(), new() { IsHidden = true, Priority = 0 }));
        await using var router = new DoubleReplicaSet("", "7.0.14", new DoubleMemberOptions()) { Shards = [first, second] };
        await using var orchestration = MongoDoubles.Orchestrate(router);

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.Equal(6, ended.Run.Steps.Count(step => step.Kind == "compact"));
        Assert.All(first.Members.Concat(second.Members), member => Assert.Single(member.Compacts));
        Assert.Empty(router.Members[0].Compacts);

        // What keeps a second orchestrator away was written through the mongos, and is gone.
        await Wait.Until(() => router.Written is { Count: 1 } written && written.Values.Single().Count == 0);
        Assert.Empty(first.Written);
    }

    [Fact]
    public async Task Two_shards_may_be_at_work_two_members_of_one_never()
    {
        await using var first = MongoDoubles.Fill(new DoubleReplicaSet("shard-a", "7.0.14", new(), new(), new()));
        await using var second = MongoDoubles.Fill(new DoubleReplicaSet("shard-b", "7.0.14", new(), new(), new()));
        await using var router = new DoubleReplicaSet("", "7.0.14", new DoubleMemberOptions()) { Shards = [first, second] };
        await using var orchestration = MongoDoubles.Orchestrate(router);
        DoubleReplicaSet[] shards = [first, second];
        var all = shards.SelectMany(shard => shard.Members).ToList();
        all.ForEach(member => member.Hold());

        await orchestration.Start("run-1", options => options with { MaxParallelReplicaSets = 2 });
        await Wait.Until(() => shards.All(shard => shard.AtWork > 0));
        Assert.Equal([1, 1], shards.Select(shard => shard.AtWork));
        all.ForEach(member => member.Release());
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(all, member => Assert.Single(member.Compacts));
        Assert.Equal([1, 1], shards.Select(shard => shard.MostAtWork));
    }

    [Fact]
    public async Task The_config_servers_are_a_replica_set_of_the_cluster_if_that_is_asked()
    {
        await using var shard = MongoDoubles.ThreeMembers();
        await using var config = new DoubleReplicaSet("configuration", "7.0.14", new(), new(), new()) { IsConfigServer = true };
        config.Add(new DoubleCollection("config", "chunks") { Data = new DoubleFile { Bytes = 200 * MongoDoubles.MiB, Free = 120 * MongoDoubles.MiB } });
        await using var router = new DoubleReplicaSet("", "7.0.14", new DoubleMemberOptions()) { Shards = [shard], ConfigServers = config };
        await using var without = MongoDoubles.Open(router);
        await using var orchestration = MongoDoubles.Orchestrate(router, options => options with { IncludesConfigServers = true });

        Assert.Equal(["rs0"], (await without.Discover(CancellationToken.None)).ReplicaSets.Select(set => set.Name));
        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(config.Members, member => Assert.Equal("chunks", Assert.Single(member.Compacts)["compact"]));
        Assert.All(shard.Members, member => Assert.Equal("orders", Assert.Single(member.Compacts)["compact"]));
    }

    [Fact]
    public async Task What_is_about_to_free_more_space_is_told_of_the_members_of_a_shard()
    {
        await using var shard = MongoDoubles.ThreeMembers();
        await using var router = new DoubleReplicaSet("", "7.0.14", new DoubleMemberOptions()) { Shards = [shard], MovesChunks = true };
        shard.Written["config.rangeDeletions"] = [new MongoDB.Bson.BsonDocument("_id", 1), new MongoDB.Bson.BsonDocument("_id", 2)];
        await using var cluster = MongoDoubles.Open(router);
        await cluster.Discover(CancellationToken.None);

        var seen = await cluster.Member(shard.Members[1].Name).Observe(CancellationToken.None);

        Assert.Equal("the balancer moves chunks; 2 ranges of moved documents must still be deleted: a compaction after that frees more", seen.Reason);
    }
}
