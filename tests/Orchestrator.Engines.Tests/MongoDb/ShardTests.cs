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
        await MongoDoubles.Until(() => router.Written is { Count: 1 } written && written.Values.Single().Count == 0);
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
        await MongoDoubles.Until(() => shards.All(shard => shard.AtWork > 0));
        Assert.Equal([1, 1], shards.Select(shard => shard.AtWork));
        all.ForEach(member => member.Release());
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(all, member => Assert.Single(member.Compacts));
        Assert.Equal([1, 1], shards.Select(shard => shard.MostAtWork));
    }
}
