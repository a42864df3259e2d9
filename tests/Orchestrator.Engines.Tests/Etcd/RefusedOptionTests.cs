using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;
using Orchestrator.Engines.Etcd;

namespace Orchestrator.Engines.Tests.Etcd;

/// <summary>What a defragmentation does not know is refused, never ignored.</summary>
public sealed class RefusedOptionTests
{
    private static readonly CompactionOptions Plain = CompactionOptions.Default;

    public static TheoryData<string, CompactionOptions> Refused => new()
    {
        { "maxBytesPerSecond is not possible with engine 'etcd': a defragmentation cannot be slowed down", Plain with { MaxBytesPerSecond = 65536 } },
        { "verify is not possible with engine 'etcd': it has no verification", Plain with { Verify = true } },
        {
            "freeSpaceTargetMB is not possible with engine 'etcd': a defragmentation gives all free space back",
            Plain with { EngineOptions = OptionValues.None.With("freeSpaceTargetMB", 5) }
        },
        {
            "discardPartial is not possible with engine 'etcd': a defragmentation leaves no partial copy",
            Plain with { EngineOptions = OptionValues.None.With("discardPartial", true) }
        },
        { "compactHistory must be a whole number of at least 0", Plain with { EngineOptions = OptionValues.None.With("compactHistory", -1) } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void An_option_is_refused_with_the_reason(string reason, CompactionOptions options) =>
        Assert.Equal([reason], OptionCheck.Problems("etcd", EtcdCapabilities.Instance, options).Select(problem => problem.Message));

    [Fact]
    public void Its_own_options_are_taken() => Assert.Empty(OptionCheck.Problems("etcd", EtcdCapabilities.Instance, Plain with
    {
        IncludeLearners = true,
        GiveBackPrimary = true,
        EngineOptions = OptionValues.None.With("compactHistory", 100).With("disarmNoSpace", true),
    }));
}
