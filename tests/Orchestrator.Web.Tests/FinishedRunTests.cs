using Microsoft.Playwright;

namespace Orchestrator.Web.Tests;

/// <summary>From the address to a finished compaction, in a browser, on a real process.</summary>
[Collection(BrowserTests.Name)]
public sealed class FinishedRunTests(Chromium chromium)
{
    [SkippableFact]
    public async Task An_operator_signs_in_plans_starts_and_sees_the_run_end()
    {
        var page = await chromium.Open(new Uri("http://127.0.0.1"));
        await using var server = await ServedProcess.Start();
        await page.GotoAsync(server.Address.ToString());
        await page.SignIn("ann");

        await page.Heading("Overview").IsVisible();
        await page.GetByRole(AriaRole.Link, new() { Name = "Plan a compaction" }).ClickAsync();
        await page.GetByText("primary and only member").IsVisible();
        await page.Press("Start the run");

        await page.GetByRole(AriaRole.Heading, new() { NameString = "Run 2" }).IsVisible();
        await page.Locator(".page-tag", new() { HasText = "completed" }).IsVisible();
        await page.GetByRole(AriaRole.Cell, new() { Name = "Completed.", Exact = true }).IsVisible();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).IsAbsent();
        Assert.Equal("100", await page.GetByLabel("Progress of the run").GetAttributeAsync("aria-valuenow"));

        // The address of what is seen leads there again.
        await page.ReloadAsync();
        await page.GetByRole(AriaRole.Cell, new() { Name = "Completed.", Exact = true }).IsVisible();
    }
}
