using Akka.Cluster.Membership;
using Xunit.Abstractions;

namespace Akka.Embedded.Tests.Cluster.Pure;

public class ClusterSimulationTests(ITestOutputHelper output)
{
    private const int DefaultSchedules = 250;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Nodes_started_together_form_one_cluster_within_two_seconds(int size)
    {
        var cluster = new SimulatedCluster(size, seed: size);
        cluster.StartAll();
        cluster.Run(2000);
        AssertAgreement(cluster, size, seed: size);
    }

    [Fact]
    public void A_killed_host_is_removed_and_its_singleton_moves_within_detection_stability_and_margin()
    {
        var cluster = new SimulatedCluster(3, seed: 7);
        cluster.StartAll();
        cluster.Run(5000);
        var host = cluster.Live.Single(p => p.Acts).Self.Address.Port!.Value - 2550;
        cluster.Crash(host);
        cluster.Run(6000 + SimulatedProcess.Settings.Membership.StableAfterMs + SimulatedProcess.RemovalMarginMs + 1000);
        Assert.Null(cluster.Violation);
        Assert.Single(cluster.Live, p => p.Acts);
        Assert.All(cluster.Live, p => Assert.Equal(2, ((InsideCluster)p.Node.View).Gossip.Members.Count));
    }

    [Fact]
    public void A_leaving_host_hands_the_singleton_over_without_waiting_for_the_margin()
    {
        var cluster = new SimulatedCluster(3, seed: 11);
        cluster.StartAll();
        cluster.Run(5000);
        var host = cluster.Live.Single(p => p.Acts);
        host.Leave();
        cluster.Run(1500);
        Assert.Null(cluster.Violation);
        Assert.True(host.Ended, cluster.Story);
        Assert.Single(cluster.Live, p => p.Acts && p != host);
    }

    [Fact]
    public void A_restarted_process_replaces_its_old_incarnation_without_waiting_for_the_failure_detector()
    {
        var cluster = new SimulatedCluster(3, seed: 13);
        cluster.StartAll();
        cluster.Run(5000);
        cluster.Crash(0);
        cluster.StartProcess(0);
        cluster.Run(2500);
        AssertMembersAgree(cluster, 3, 13);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 40_000)]
    [InlineData(5, 80_000)]
    [InlineData(4, 120_000)]
    public void Under_any_schedule_of_faults_no_two_singletons_act_and_members_agree_in_the_end(int size, int firstSeed)
    {
        var schedules = int.TryParse(Environment.GetEnvironmentVariable("CLUSTER_SIMULATION_SCHEDULES"), out var n) ? n : DefaultSchedules;
        var conflicts = 0;
        for (var seed = firstSeed; seed < firstSeed + schedules; seed++)
        {
            conflicts += RunSchedule(size, seed);
        }

        output.WriteLine($"{size} processes, seeds {firstSeed} to {firstSeed + schedules - 1}: the journal refused {conflicts} writes of given-up instances");
    }

    private static int RunSchedule(int size, int seed)
    {
        var random = new Random(seed * 31);
        var cluster = new SimulatedCluster(size, seed);
        cluster.StartAll();
        cluster.Run(3000);
        for (var step = 0; step < 8 && cluster.Violation is null; step++)
        {
            Disturb(cluster, random, size);
            cluster.Run(random.Next(4) == 0 ? random.Next(1500) : random.Next(25_000));
            if (random.Next(2) == 0)
            {
                cluster.Heal();
                cluster.RestartEnded();
                cluster.Run(random.Next(20_000));
            }
        }

        Assert.True(cluster.Violation is null, $"seed {seed}: {cluster.Violation}\n{cluster.Story}");
        cluster.Heal();
        cluster.Network.Loss = 0;

        // Two rounds: what a late decision ends is started again.
        for (var round = 0; round < 3; round++)
        {
            cluster.RestartEnded();
            cluster.Run(30_000);
        }

        Assert.True(cluster.Violation is null, $"seed {seed}: {cluster.Violation}\n{cluster.Story}");
        AssertAgreement(cluster, size, seed);
        Assert.True(cluster.Journal.LastWriter!.Equals(cluster.Live.Single(p => p.Acts).Self), $"seed {seed}: the singleton does not write\n{cluster.Story}");
        return cluster.Journal.Conflicts;
    }

    private static void Disturb(SimulatedCluster cluster, Random random, int size)
    {
        var slot = random.Next(size);
        var fault = random.Next(7);
        if (cluster.FirstSeedSearches && fault is not (0 or 6))
        {
            return;
        }

        switch (fault)
        {
            case 0:
                cluster.Crash(slot);
                break;
            case 1:
                cluster.Crash(slot);
                cluster.RestartEnded();
                break;
            case 2:
                cluster.Split([slot], oneWay: random.Next(3) == 0);
                break;
            case 3:
                cluster.Split([slot, (slot + 1) % size], oneWay: random.Next(3) == 0);
                break;
            case 4:
                var other = (slot + 1 + random.Next(size - 1)) % size;
                cluster.Log($"cut {slot} from {other}");
                cluster.Network.Cut(slot, other);
                cluster.Network.Cut(other, slot);
                break;
            case 5:
                cluster.Freeze(slot, random.Next(30_000));
                break;
            case 6:
                cluster.At(slot)?.Leave();
                break;
        }
    }

    private static void AssertAgreement(SimulatedCluster cluster, int size, int seed)
    {
        AssertMembersAgree(cluster, size, seed);
        Assert.True(cluster.Live.Count(p => p.Acts) == 1, $"seed {seed}: {cluster.Live.Count(p => p.Acts)} singletons act\n{cluster.Story}");
    }

    private static void AssertMembersAgree(SimulatedCluster cluster, int size, int seed)
    {
        var views = cluster.Live.Select(p => p.Node.View).ToList();
        Assert.True(views.All(v => v is InsideCluster), $"seed {seed}: not all are inside\n{cluster.Story}");
        var gossips = views.Cast<InsideCluster>().Select(v => v.Gossip).ToList();
        var agree = gossips.All(g => g.SameAs(gossips[0])) && gossips[0].Members.Count == size
            && gossips[0].Members.Values.All(m => m.Stage == MemberStage.Up);
        Assert.True(agree, $"seed {seed}: members disagree: {string.Join(" | ", gossips.Select(g => string.Join(", ", g.Members.Values.Select(m => $"{m.Node.Address.Port}#{m.Node.Uid} {m.Stage}"))))}\n{cluster.Story}");
    }
}
