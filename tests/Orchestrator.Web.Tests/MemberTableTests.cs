using Bunit;
using MudBlazor.Services;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Tests.Http;
using Orchestrator.Host.Web.Parts;

namespace Orchestrator.Web.Tests;

/// <summary>Members of a replica set.</summary>
public sealed class MemberTableTests : IAsyncLifetime
{
    private readonly BunitContext _context = new();

    public MemberTableTests()
    {
        _context.Services.AddMudServices();
        _context.JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Theory]
    [InlineData("running", "copy shop/orders, 2.0 KiB")]
    [InlineData("paused", "")]
    public void A_member_works_on_what_is_not_paused(string status, string expected)
    {
        var compaction = new CompactionDto("r-1", 1, 1, status, new ProgressDto("shop/orders", "copy", 0.5, 0, 1, 2048, 0), null, []);
        var member = new MemberDto("node-1", true, "", "online", "", "primary", 1, 1, 0, 0, [], [compaction], [], Samples.Now);

        var table = _context.Render<MemberTable>(parameters => parameters.Add(part => part.Set, new ReplicaSetDto("rs-1", 1, "node-1", [member])));

        Assert.Equal(expected, table.Find("tbody td:last-child").TextContent);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _context.DisposeAsync();
}
