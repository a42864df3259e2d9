using System.Text.Json;
using Microsoft.Playwright;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Web.Tests;

/// <summary>Every page, light and dark, wide and on a phone: axe finds nothing serious, and the browser refuses nothing and asks nobody else.</summary>
[Collection(BrowserTests.Name)]
public sealed class AccessibilityTests(Chromium chromium)
{
    private const string InScheme = "scheme => getComputedStyle(document.documentElement).getPropertyValue('--mud-native-html-color-scheme').trim() === scheme";

    private static readonly (string Address, string Shown)[] _pages =
    [
        ("/", "Replica set rs-1"),
        ("/runs", ScriptedSupervisor.Run),
        ($"/runs/{ScriptedSupervisor.Run}", "enough is free"),
        ("/storage/main", "shop/orders#by-city"),
        ("/plan/main", "the old primary"),
        ("/calendar", "cannot finish in one opening"),
        ("/explain/main", "no schedule covers it"),
        ("/audit", "a release"),
        ("/settings", "As they are in effect"),
    ];

    [SkippableTheory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Axe_finds_nothing_serious_on_any_page(ColorScheme scheme, int width)
    {
        Installed.RequireNpm("axe-core");
        await using var server = await ApiHost.Start(supervisor: ScriptedSupervisor.Answer, http: "page = on");
        var page = await chromium.Open(server.Address, new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce, ViewportSize = new() { Width = width, Height = 900 } });
        var wrong = new List<string>();
        page.Console += (_, message) => Add(message.Type == "error", message.Text);
        page.PageError += (_, error) => Add(true, error);
        page.Request += (_, request) => Add(!request.Url.StartsWith(server.Address.ToString(), StringComparison.Ordinal), $"asks {request.Url}");
        var axe = await File.ReadAllTextAsync(Path.Combine(Installed.NpmPackage("axe-core"), "axe.min.js"));

        foreach (var (address, shown) in _pages)
        {
            await page.GotoAsync(address);
            await page.GetByText(shown).IsVisible();

            // The page asks the browser for its scheme, and has the other colors until then.
            await page.WaitForFunctionAsync(InScheme, scheme.ToString().ToLowerInvariant());
            await page.EvaluateAsync(axe);
            var found = await page.EvaluateAsync<JsonElement>("axe.run({ resultTypes: ['violations'] })");
            foreach (var violation in found.GetProperty("violations").EnumerateArray())
            {
                var impact = violation.GetProperty("impact").GetString();
                Add(impact is "serious" or "critical", $"{address}: {violation.GetProperty("id")}: {violation.GetProperty("nodes")[0].GetProperty("html")}");
            }

            var wider = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
            Add(wider > 0, $"{address} is {wider} pixels wider than the window");
        }

        lock (wrong)
        {
            Assert.Empty(wrong);
        }

        void Add(bool isWrong, string text)
        {
            lock (wrong)
            {
                if (isWrong)
                {
                    wrong.Add(text);
                }
            }
        }
    }
}
