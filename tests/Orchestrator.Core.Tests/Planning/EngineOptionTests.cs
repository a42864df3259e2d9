using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Tests.Planning;

/// <summary>Options that an engine does not have are refused when a plan is made, never ignored.</summary>
public sealed class EngineOptionTests
{
    private static readonly EngineCapabilities Plain = new(
        CompactionScopeKind.Node, CompactionAvailability.Offline, TemporarySpaceRule.WholeFile,
        EstimatesWithoutCompacting: true, ReportsProgress: false, CanCancel: false, CanPause: false, HasPrimary: true, ["defragment"]);

    [Fact]
    public void A_rate_and_a_target_that_the_engine_does_not_have_are_refused_with_the_reason() => Assert.Equal(
        [
            "maxBytesPerSecond is not possible with engine 'etcd': the rate of its compactions cannot be limited",
            "freeSpaceTargetMB is not possible with engine 'etcd': it has no mode that leaves a chosen part of the free space",
        ],
        EngineOptions.Refused("etcd", Plain, CompactionOptions.Default with { MaxBytesPerSecond = 1000, FreeSpaceTargetMB = 5 }).Select(problem => problem.Message));

    [Fact]
    public void The_defaults_are_not_refused() => Assert.Empty(EngineOptions.Refused("etcd", Plain, CompactionOptions.Default));
}
