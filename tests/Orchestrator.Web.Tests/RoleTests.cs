using Microsoft.Playwright;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Tests.Http;
using Orchestrator.Host.Tests.Security;

namespace Orchestrator.Web.Tests;

/// <summary>Each role sees what it may do, and nothing else.</summary>
[Collection(BrowserTests.Name)]
public sealed class RoleTests(Chromium chromium)
{
    private static readonly string[] _orders = ["Lift the freeze", "Freeze…", "Start the run", "Pause", "Cancel…"];

    [SkippableTheory]
    [InlineData("vic", false)]
    [InlineData("ann", true)]
    public async Task Orders_are_there_for_operators_alone(string name, bool mayOrder)
    {
        await using var server = await Start();
        var page = await chromium.Open(server.Address);
        var seen = new HashSet<string>();

        await page.GotoAsync("/");
        await page.SignIn(name);
        await page.GetByText("Replica set rs-1").IsVisible();
        await Note(page, seen);
        await page.GotoAsync("/plan/main");
        await page.GetByText("the old primary").IsVisible();
        await Note(page, seen);
        await page.GotoAsync($"/runs/{ScriptedSupervisor.Run}");
        await page.GetByText("enough is free").IsVisible();
        await Note(page, seen);

        // Everything is frozen already; the freeze of one cluster is still there to be ordered.
        Assert.Equal(mayOrder ? _orders.ToHashSet() : [], seen);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_has_signed_out_elsewhere_is_led_to_the_form_and_back(bool hasEnded)
    {
        var view = hasEnded ? ScriptedSupervisor.RunView("completed") with { FinishedAt = Samples.Now } : ScriptedSupervisor.RunView();
        await using var server = await Start(request => request is ReadRunEvents ? new RunEventBatch([], view) : ScriptedSupervisor.Answer(request));
        var page = await chromium.Open(server.Address);
        await page.GotoAsync($"/runs/{ScriptedSupervisor.Run}");
        await page.SignIn("vic");
        await page.GetByText("a secondary").IsVisible();

        await page.Context.APIRequest.PostAsync("/sign-out");

        // The open page finds out by its next question and goes there by itself.
        await page.LeadsTo("/sign-in?return=");
        await page.SignIn("ann");
        await page.GetByText("a secondary").IsVisible();
        Assert.EndsWith($"/runs/{ScriptedSupervisor.Run}", page.Url, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Who_has_signed_out_elsewhere_is_led_to_the_form_from_a_page_that_asks_nothing()
    {
        await using var server = await Start();
        var page = await chromium.Open(server.Address);
        await page.GotoAsync("/plan/main");
        await page.SignIn("vic");
        await page.GetByText("the old primary").IsVisible();

        await page.Context.APIRequest.PostAsync("/sign-out");
        await page.GetByRole(AriaRole.Link, new() { Name = "Settings" }).ClickAsync();

        await page.LeadsTo("/sign-in?return=%2Fsettings");
    }

    private static Task<ApiHost> Start(Func<ISupervisorRequest, object>? supervisor = null) => ApiHost.Start(
        supervisor: supervisor ?? ScriptedSupervisor.Answer, security: Tokens.Settings(("vic", "viewer"), ("ann", "\"operator:main\", operator")), http: "page = on");

    private static async Task Note(IPage page, HashSet<string> seen)
    {
        foreach (var order in _orders)
        {
            if (await page.GetByRole(AriaRole.Button, new() { Name = order, Exact = true }).CountAsync() > 0)
            {
                seen.Add(order);
            }
        }
    }
}
