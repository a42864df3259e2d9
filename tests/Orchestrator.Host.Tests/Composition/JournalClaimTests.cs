using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Tests.Composition;

public sealed class JournalClaimTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly string _directory = Directory.CreateTempSubdirectory("claim-test-").FullName;

    public void Dispose() => TemporaryFiles.Delete(_directory);

    [Fact]
    public async Task The_claim_belongs_to_one_cluster_until_it_is_stale_or_released()
    {
        var claim = Claim();
        Assert.Null(await claim.Read(None));

        Assert.True(await claim.Take("a", "", ["x:1"], Long, None));
        Assert.True(await claim.Take("a", "", ["x:1", "y:2"], Long, None));
        Assert.False(await claim.Take("b", "x", ["z:3"], Long, None));
        var read = await claim.Read(None);
        Assert.Equal("a", read!.Cluster);
        Assert.Equal(["x:1", "y:2"], read.Members);
        Assert.InRange(read.Age, TimeSpan.Zero, TimeSpan.FromMinutes(1));

        Assert.True(await claim.Take("b", "", ["z:3"], TimeSpan.Zero, None));
        Assert.True(await claim.Take("a", "b", ["x:1"], Long, None));
        Assert.True(await claim.Take("b", "a", ["x:1"], Long, None));
        await claim.Release("a", None);
        Assert.Equal("b", (await claim.Read(None))!.Cluster);
        await claim.Release("b", None);
        Assert.Null(await claim.Read(None));
    }

    [Fact]
    public async Task One_of_many_that_ask_at_the_same_time_gets_it()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Claim().Take($"c{number}", "", [], Long, None)));

        Assert.Single(taken, got => got);
    }

    private JournalClaim Claim()
    {
        var file = Path.Combine(_directory, "journal.sqlite");
        return new JournalClaim(new JournalSettings("SQLite.MS", file, $"Data Source={file};Pooling=False"));
    }
}
