using Microsoft.Playwright;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Web.Tests;

/// <summary>The storage report of a cluster with 100,000 units, some with names that are not meant well.</summary>
[Collection(BrowserTests.Name)]
public sealed class LargeReportTests(Chromium chromium)
{
    private const int Units = 100_000;
    private const string Hostile = "<img src=x onerror=document.title='hit'>";

    [SkippableFact]
    public async Task A_hundred_thousand_units_are_sorted_filtered_and_planned_for()
    {
        await using var server = await ApiHost.Start(
            supervisor: request => request is GetStorageReport ? Report() : ScriptedSupervisor.Answer(request), http: "page = on");
        var page = await chromium.Open(server.Address);
        var rows = page.Locator(".page-report tbody tr:has(input)");

        await page.GotoAsync("/storage/main");
        await page.GetByText("100,000 units").IsVisible();

        // The largest gain comes first, and only what can be seen is in the page.
        await rows.Filter(new() { HasText = "shop/c99999" }).Filter(new() { HasText = "2026-01-29 22:15Z" }).Filter(new() { HasText = "+150 B" }).IsVisible();
        Assert.InRange(await rows.CountAsync(), 1, 200);

        await page.GetByRole(AriaRole.Button, new() { Name = "Unit" }).ClickAsync();
        await rows.Filter(new() { HasText = $"{Hostile}/c0" }).IsVisible();
        await page.GetByLabel("Filter").FillAsync("c4711");
        await rows.Filter(new() { HasText = "shop/c47110" }).IsVisible();
        await page.GetByLabel("Select shop/c47110 on node-1").CheckAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Plan for the selected (1)" }).ClickAsync();

        await page.GetByText("the old primary").IsVisible();
        await Assertions.Expect(page.GetByLabel("Collections")).ToHaveValueAsync("shop/c47110");
        Assert.NotEqual("hit", await page.TitleAsync());
    }

    private static StorageReport Report() => Samples.Report with
    {
        Missing = [],
        LastCompactions =
        [
            Samples.Report.LastCompactions[0] with { Unit = new DocumentsUnit("shop", "c99999") },
        ],
        Nodes =
        [
            Samples.Report.Nodes[0] with
            {
                Units =
                [
                    .. Enumerable.Range(0, Units).Select(i => new UnitEstimate(
                        new UnitSize(new DocumentsUnit(i == 0 ? Hostile : "shop", $"c{i}"), 1_000_000 + i, 1000, 1_000_000), 1000 + i, 1000, TimeSpan.FromSeconds(1))),
                ],
            },
        ],
    };
}
