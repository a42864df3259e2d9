using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Planning;

/// <summary>What a plan takes as worth compacting, and what its estimates say.</summary>
public class WorthItTests
{
    private const long File = 40 << 20;

    private static readonly CompactionPolicy Careful = CompactionPolicy.Default with { MinReclaimableBytes = 1 << 20, MinFragmentation = 0.05, MinStepDownBytes = 16 << 20 };

    [Theory]
    [InlineData(8 << 10, 0, "node-1: shop/orders: would free 8 KiB, less than 1 MiB, the default (option min-reclaimable-bytes 1 compacts it)")]
    [InlineData(3 << 19, 0, "node-1: shop/orders: is 3.8 % fragmented, less than 5 %, the default (option min-reclaimable-bytes 1 compacts it)")]
    [InlineData(4 << 20, 2, "node-1: *: primary, would free 4 MiB, less than the 16 MiB for which a primary steps down by default (option min-reclaimable-bytes 1 steps it down, option force compacts it in place)")]
    [InlineData(20 << 20, 4, "")]
    public void A_primary_steps_down_only_if_that_is_worth_it(long free, int steps, string reason)
    {
        var snapshot = Snapshot(free);

        var plan = Plan(snapshot, CompactionOptions.Default, Careful);
        Assert.Equal(steps, plan.Steps.Count());
        Assert.Equal(reason, plan.ReplicaSets[0].Skipped.Where(unit => unit.Node == "node-1").Select(unit => $"{unit.Node}: {unit.Path}: {unit.Reason}").FirstOrDefault(""));

        Assert.Equal(4, Plan(snapshot, CompactionOptions.Default with { MinReclaimableBytes = 1 }, Careful).Steps.Count());
        Assert.Equal(free < 4 << 20 ? 0 : 3, Plan(snapshot, CompactionOptions.Default with { Force = true }, Careful).Steps.Count());
    }

    [Fact]
    public void A_limit_of_the_rate_is_in_the_estimates()
    {
        var units = Plan(Snapshot(20 << 20), CompactionOptions.Default with { MaxBytesPerSecond = 1 << 20 }, CompactionPolicy.Default)
            .Steps.OfType<CompactMemberStep>().SelectMany(step => step.Units).ToList();

        Assert.NotEmpty(units);
        Assert.All(units, unit => Assert.Equal(TimeSpan.FromSeconds(20), unit.Duration));
    }

    [Fact]
    public void Auto_shows_the_estimate_of_the_mode_that_it_chose()
    {
        var frugal = Some.Documents("shop", "orders", File, 5 << 20) with { TemporaryBytes = 0, Duration = TimeSpan.FromSeconds(7) };
        var snapshot = Snapshot(20 << 20);
        snapshot = snapshot with
        {
            Members = [.. snapshot.Members.Select(member => member with
            {
                Observation = member.Observation with { Disk = new DiskSpace(member.Observation.Node == "node-2" ? 1 << 20 : 1L << 40, 1L << 40) },
                FrugalUnits = [frugal],
            })],
        };

        var steps = Plan(snapshot, CompactionOptions.Default with { Mode = CompactionOptions.AutoMode }, CompactionPolicy.Default).Steps.OfType<CompactMemberStep>();

        Assert.Equal(
            ["node-1 rewrite 20 MiB", "node-2 incremental 5 MiB", "node-3 rewrite 20 MiB"],
            steps.OrderBy(step => step.Node, StringComparer.Ordinal).Select(step => $"{step.Node} {step.Mode} {ByteText.Of(step.BytesFreed)}"));
    }

    private static CompactionPlan Plan(ClusterSnapshot snapshot, CompactionOptions options, CompactionPolicy policy) =>
        ((PlanResult.Planned)Planner.Plan(snapshot, Some.Request(options), policy)).Plan;

    private static ClusterSnapshot Snapshot(long free) => Some.Snapshot(
        Some.ThreeMembers,
        Some.ThreeMembers.Members.Select((node, i) => new MemberSnapshot(
            Some.Observation(node, i == 0 ? MemberRole.Primary : MemberRole.Secondary), [Some.Documents("shop", "orders", File, free)])),
        Some.Noon);
}
