using Microsoft.Playwright;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Web.Tests;

/// <summary>The page without a mouse, and with the browser's own buttons.</summary>
[Collection(BrowserTests.Name)]
public sealed class NavigationTests(Chromium chromium)
{
    [SkippableFact]
    public async Task Back_and_forward_lead_through_the_pages_that_were_seen()
    {
        await using var server = await Start();
        var page = await chromium.Open(server.Address);
        await page.GotoAsync("/audit");

        // A run that there was has a page; of one whose start was refused there is only the id.
        await page.GetByText("20260131-221600-000002").IsVisible();
        await page.GetByRole(AriaRole.Link, new() { Name = "20260131-221600-000002" }).IsAbsent();
        await page.GetByRole(AriaRole.Link, new() { Name = ScriptedSupervisor.Run }).ClickAsync();
        await page.Heading($"Run {ScriptedSupervisor.Run}").IsVisible();
        await page.GetByRole(AriaRole.Link, new() { Name = "main", Exact = true }).ClickAsync();
        await page.GetByText("shop/orders#by-city").IsVisible();

        await page.GoBackAsync();
        await page.Heading($"Run {ScriptedSupervisor.Run}").IsVisible();
        await page.GetByText("enough is free").IsVisible();
        await page.GoBackAsync();
        await page.Heading("Audit trail").IsVisible();
        await page.GoForwardAsync();
        await page.GetByText("enough is free").IsVisible();
    }

    [SkippableFact]
    public async Task The_keyboard_reaches_and_does_everything()
    {
        await using var server = await Start();
        var page = await chromium.Open(server.Address);
        await page.GotoAsync("/runs");
        await page.GetByText(ScriptedSupervisor.Run).IsVisible();

        // A page begins at its heading; from the top one link leads past the menu. Then the run comes.
        await IsFocused(page.Heading("Runs"));
        await page.GetByText("Skip to the content").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await IsFocused(page.GetByRole(AriaRole.Main));
        await page.Keyboard.PressAsync("Tab");
        await IsFocused(page.GetByRole(AriaRole.Link, new() { Name = ScriptedSupervisor.Run }));
        await page.Keyboard.PressAsync("Enter");
        await page.Heading($"Run {ScriptedSupervisor.Run}").IsVisible();

        // What cannot be undone asks first, and Escape is no.
        var cancel = page.GetByRole(AriaRole.Button, new() { Name = "Cancel…" });
        await cancel.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await IsFocused(page.GetByRole(AriaRole.Button, new() { Name = "Do not cancel" }));
        await page.Keyboard.PressAsync("Escape");
        await IsFocused(cancel);
        await page.GetByText("Cancel it for good").IsAbsent();

        await page.GotoAsync("/");
        var freeze = page.GetByRole(AriaRole.Button, new() { Name = "Freeze…" });
        await freeze.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await IsFocused(page.GetByLabel("Where"));
        await Assertions.Expect(page.GetByLabel("Where")).ToHaveValueAsync("main");
        await page.Keyboard.PressAsync("Tab");
        await IsFocused(page.GetByLabel("Reason"));
        await page.Keyboard.PressAsync("Escape");
        await IsFocused(freeze);

        // An area of the map, a column, a row.
        await page.GotoAsync("/storage/main");
        await page.GetByRole(AriaRole.Button, new() { NameString = "shop/orders:" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByLabel("Filter")).ToHaveValueAsync("shop/orders");
        await page.GetByRole(AriaRole.Button, new() { Name = "Unit" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("th[aria-sort=ascending]").Filter(new() { HasText = "Unit" }).IsVisible();
        await page.GetByLabel("Select shop/orders#by-city on node-1").FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await page.GetByText("Plan for the selected (1)").IsVisible();
    }

    [SkippableFact]
    public async Task Pages_of_one_cluster_share_a_report_and_all_show_the_newest()
    {
        var measured = 0;
        await using var server = await ApiHost.Start(
            supervisor: request => request is Core.Topology.GetStorageReport
                ? Samples.Report with { Missing = [$"node-{Interlocked.Increment(ref measured)}0"] }
                : ScriptedSupervisor.Answer(request),
            time: new StandingTime(),
            http: "page = on");
        var first = await chromium.Open(server.Address);
        await first.GotoAsync("/storage/main");
        await first.GetByText("do not answer: node-10").IsVisible();
        var second = await chromium.OpenBeside(server.Address);
        await second.GotoAsync("/storage/main");
        await second.GetByText("do not answer: node-10").IsVisible();

        await second.Press("Measure again");
        await second.GetByText("do not answer: node-20").IsVisible();
        await first.GetByText("do not answer: node-20").IsVisible();
        Assert.Equal(2, Volatile.Read(ref measured));
    }

    private static Task<ApiHost> Start() => ApiHost.Start(supervisor: ScriptedSupervisor.Answer, http: "page = on");

    private static Task IsFocused(ILocator locator) => Assertions.Expect(locator).ToBeFocusedAsync(new() { Timeout = Chromium.Patience });

    /// <summary>Nothing that was measured gets old.</summary>
    private sealed class StandingTime : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
