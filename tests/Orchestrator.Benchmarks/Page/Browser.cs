using Microsoft.Playwright;

namespace Orchestrator.Benchmarks.Page;

/// <summary>The system's Chromium without a window. All its pages of one server share a process of their own, as far as it can.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const float Patience = 120_000;

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    public static async Task<Browser> Start()
    {
        var playwright = await Playwright.CreateAsync();
        return new Browser(playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--process-per-site"],
            Timeout = Patience,
        }));
    }

    /// <summary>Pages that show an address, each with a connection of its own, when a text has appeared in each.</summary>
    public async Task<IBrowserContext> Open(Uri address, int pages, string text)
    {
        var context = await _browser.NewContextAsync();
        context.SetDefaultTimeout(Patience);
        context.SetDefaultNavigationTimeout(Patience);
        for (var i = 0; i < pages; i++)
        {
            var page = await context.NewPageAsync();
            await page.GotoAsync(address.ToString());
            await page.GetByText(text).First.WaitForAsync();
        }

        return context;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
