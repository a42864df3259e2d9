using System.Diagnostics;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Tests.Http;
using Orchestrator.Web.Tests;

namespace Orchestrator.Benchmarks.Page;

/// <summary>What open pages hold in the server's memory, and how soon a large report is there. The server is in this process, with a scripted supervisor.</summary>
internal static class OpenPages
{
    public const int Pages = 20;
    public const int Reports = 10;
    public const int Units = 100_000;

    private const int Scrolls = 9;
    private const string FirstRow = "document.querySelector('.page-report tbody tr:has(input) .page-path')?.textContent";

    /// <summary>MB that each of some pages holds: the overview, a run, the report of 100,000 units.</summary>
    public static async Task<(double Overview, double Run, double Report)> Memory(Browser browser, TextWriter log)
    {
        await using var server = await ApiHost.Start(supervisor: Answer, http: "page = on");
        var overview = await Held(browser, new Uri(server.Address, "/"), Pages, "Replica set rs-1", log);
        var run = await Held(browser, new Uri(server.Address, $"/runs/{ScriptedSupervisor.Run}"), Pages, "enough is free", log);
        var report = await Held(browser, new Uri(server.Address, "/storage/main"), Reports, "100,000 units", log);
        return (overview, run, report);
    }

    /// <summary>Milliseconds from the address to the first row of 100,000, which nobody else looks at, and from a scroll to anywhere until the rows of that place are there.</summary>
    public static async Task<(double FirstPaint, double Scroll)> Speed(Browser browser)
    {
        await using var server = await ApiHost.Start(supervisor: Answer, http: "page = on");
        var address = new Uri(server.Address, "/storage/main");
        var watch = Stopwatch.StartNew();
        var context = await browser.Open(address, 1, "shop/c99999");
        var paint = watch.Elapsed.TotalMilliseconds;
        var page = context.Pages[0];
        var times = new List<double>();
        for (var i = 0; i < Scrolls; i++)
        {
            var before = await page.EvaluateAsync<string>(FirstRow);
            watch.Restart();
            await page.EvaluateAsync("share => { const box = document.querySelector('.page-report'); box.scrollTop = box.scrollHeight * share; }", (i + 1) / (Scrolls + 1.0));
            await page.WaitForFunctionAsync($"before => {{ const now = {FirstRow}; return now && now !== before; }}", before);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        await context.CloseAsync();
        return (paint, Figure.Median(times));
    }

    private static async Task<double> Held(Browser browser, Uri address, int pages, string text, TextWriter log)
    {
        // The first one pays for what all share.
        var first = await browser.Open(address, 1, text);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var context = await browser.Open(address, pages, text);
        var held = (GC.GetTotalMemory(forceFullCollection: true) - before) / (1e6 * pages);
        log.WriteLine(FormattableString.Invariant($"{address.AbsolutePath}: {held:0.00} MB a page"));
        await context.CloseAsync();
        await first.CloseAsync();
        return held;
    }

    private static object Answer(ISupervisorRequest request) => request is GetStorageReport ? Report() : ScriptedSupervisor.Answer(request);

    private static StorageReport Report() => Samples.Report with
    {
        Missing = [],
        LastCompactions = [],
        Nodes =
        [
            Samples.Report.Nodes[0] with
            {
                Units =
                [
                    .. Enumerable.Range(0, Units).Select(i => new UnitEstimate(
                        new UnitSize(new DocumentsUnit("shop", $"c{i}"), 1_000_000 + i, 1000, 1_000_000), 1000 + i, 1000, TimeSpan.FromSeconds(1))),
                ],
            },
        ],
    };
}
