using Microsoft.Playwright;

namespace Orchestrator.Web.Tests;

/// <summary>The system's Chromium without a window, for tests that are skipped without it.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] _places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private IBrowserContext? _context;

    /// <summary>How long anything that servers and browser do by themselves may take, in milliseconds.</summary>
    public const float Patience = 90_000;

    public async Task InitializeAsync()
    {
        if (_places.FirstOrDefault(File.Exists) is { } executable)
        {
            Assertions.SetDefaultExpectTimeout(Patience);
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new()
            {
                ExecutablePath = executable,

                // Containers give root no sandbox and little shared memory.
                Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
                Timeout = Patience,
            });
        }
    }

    public async Task DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        _playwright?.Dispose();
    }

    /// <summary>A new page with nothing remembered, in a window of its own.</summary>
    public async Task<IPage> Open(Uri server, BrowserNewContextOptions? options = null)
    {
        Installed.Require("chromium", _browser is not null, "Chromium is missing: apt-get install chromium");

        // The page of the test before would go on asking for its server, which is gone.
        await (_context?.CloseAsync() ?? Task.CompletedTask);
        _context = await _browser!.NewContextAsync(new(options ?? new()) { BaseURL = server.ToString() });
        _context.SetDefaultTimeout(Patience);
        _context.SetDefaultNavigationTimeout(Patience);
        return await _context.NewPageAsync();
    }
}

/// <summary>Tests with a browser run one after the other and share it.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<Chromium>
{
    public const string Name = "browser";
}
