using Orchestrator.Embedded.Nodes;

namespace Orchestrator.Embedded.Tests.Nodes;

public sealed class CatalogReadsTests
{
    private readonly CatalogReads reads = new();

    [Fact]
    public void One_read_is_under_way_at_a_time_and_none_without_a_change()
    {
        Assert.True(reads.TryBegin());
        Assert.False(reads.TryBegin());

        Assert.True(reads.Succeeded());
        Assert.False(reads.TryBegin());
    }

    [Fact]
    public void A_change_during_a_read_makes_what_was_read_outdated_and_another_read_due()
    {
        reads.TryBegin();
        reads.Changed();

        Assert.False(reads.TryBegin());
        Assert.False(reads.Succeeded());
        Assert.True(reads.TryBegin());
    }

    [Fact]
    public void What_was_read_before_an_own_write_is_outdated()
    {
        reads.Wrote();
        reads.TryBegin();
        Assert.False(reads.IsOutdated);

        reads.Wrote();

        Assert.True(reads.IsOutdated);
        reads.Failed();
        Assert.True(reads.TryBegin());
        Assert.False(reads.IsOutdated);
    }

    [Fact]
    public void A_read_that_failed_is_due_again()
    {
        reads.TryBegin();
        reads.Failed();

        Assert.True(reads.TryBegin());
        Assert.True(reads.Succeeded());
    }
}
