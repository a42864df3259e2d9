namespace Orchestrator.Benchmarks.Page;

/// <summary>The web page: what an open one costs, many viewers of one run, a report with 100,000 units. Needs /usr/bin/chromium.</summary>
internal sealed class PageFigures : IFigureGroup
{
    public string Name => "page";

    public async Task<IReadOnlyList<Figure>> Measure(TextWriter log, CancellationToken cancellationToken)
    {
        await using var browser = await Browser.Start();
        var (overview, run, report) = await OpenPages.Memory(browser, log);
        var (paint, scroll) = await OpenPages.Speed(browser);
        var (alone, watched) = await Viewers.Measure(browser, log, cancellationToken);
        return
        [
            new Figure("page-memory-overview", overview, "MB", "< 5", $"managed memory of the server for each of {OpenPages.Pages} open pages, after a full collection"),
            new Figure("page-memory-run", run, "MB", "< 5", "the same for a run at work"),
            new Figure("page-memory-report", report, "MB", "< 5", $"the same for each of {OpenPages.Reports} storage reports of 100,000 units beside the first one, which holds what they share"),
            new Figure("report-first-rows", paint, "ms", "< 5000", "from the address to the first rows of 100,000 units, the browser's start of the page included"),
            new Figure("report-scroll", scroll, "ms", "< 500", "from a jump within 100,000 units until the rows of that place are there, median"),
            new Figure(
                "page-viewers", watched - alone, "cores", "< 0.1",
                FormattableString.Invariant($"{Viewers.Count} pages of one run at work in one serve process; {alone:0.000} cores while nobody looks, the browser not counted")),
        ];
    }
}
