using System.Globalization;
using Microsoft.Playwright;

namespace Orchestrator.Web.Tests;

/// <summary>A run of real processes that several people look at and give orders to.</summary>
[Collection(BrowserTests.Name)]
public sealed class LiveRunTests(Chromium chromium)
{
    /// <summary>At the lowest rate that there is the copy of so much takes minutes: only the last order lets it end.</summary>
    private const int Bytes = 20_000_000;

    private const string LowestRate = "64KiB";

    [SkippableFact]
    public async Task A_second_person_approves_it_it_is_paused_and_resumed_and_outlives_its_supervisor()
    {
        var ann = await chromium.Open(new Uri("http://127.0.0.1"));
        await using var server = await ServedProcess.Start(Bytes, supervisorApart: true);
        await ann.GotoAsync($"{server.Address}plan/main");
        await ann.SignIn("ann");
        await ann.GetByText("primary and only member").IsVisible();
        await ann.GetByLabel("Rate limit").FillAsync(LowestRate);
        await ann.GetByLabel("A second person must approve it").CheckAsync();
        await ann.Press("Make the plan");
        await ann.Press("Hand it to a second person for approval");

        // Who started it may not approve it; who did not may, and everybody sees it.
        await ann.GetByText("Waits for approval.").IsVisible();
        await ann.Press("Approve");
        await ann.GetByText("another person must approve it").IsVisible();
        var bob = await chromium.OpenBeside(server.Address);
        await bob.GotoAsync(ann.Url);
        await bob.SignIn("bob");
        await bob.Press("Approve");
        await ann.GetByText("approved by bob").IsVisible();
        await SeeProgress(ann);

        await ann.GetByLabel("Reason").FillAsync("a backup comes");
        await ann.Press("Pause");
        await State(ann, "paused").IsVisible();
        await bob.GetByText("a backup comes").IsVisible();
        await bob.Press("Resume");
        await State(ann, "running").IsVisible();
        await SeeProgress(ann);

        // Without a supervisor the page keeps what it shows and what was typed, and goes on by itself.
        await server.KillSupervisor();
        await ann.GetByLabel("Reason").FillAsync("typed meanwhile");
        await ann.GetByText("there is none at the moment, or it is moving").IsVisible();
        await State(ann, "running").IsVisible();
        await ann.GetByText("approved by bob").IsVisible();
        await server.StartSupervisorAgain();
        await ann.GetByText("there is none at the moment, or it is moving").IsAbsent();
        await SeeProgress(ann);
        await Assertions.Expect(ann.GetByLabel("Reason")).ToHaveValueAsync("typed meanwhile");

        await ann.GetByLabel("Rate limit").FillAsync("0");
        await ann.Press("Set");
        await State(ann, "completed").IsVisible();
        await State(bob, "completed").IsVisible();
    }

    private static ILocator State(IPage page, string state) => page.Locator(".page-tools .page-tag", new() { HasTextString = state });

    /// <summary>Until the page has shown by itself that the run has come further.</summary>
    private static async Task SeeProgress(IPage page)
    {
        var bar = page.GetByLabel("Progress of the run");
        var before = int.Parse((await bar.GetAttributeAsync("aria-valuenow"))!, CultureInfo.InvariantCulture);
        await page.WaitForFunctionAsync(
            "before => Number(document.querySelector('[aria-label=\"Progress of the run\"]')?.getAttribute('aria-valuenow')) > before", before);
    }
}
