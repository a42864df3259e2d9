using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Orchestrator.Host.Tests.Security;

namespace Orchestrator.Web.Tests;

/// <summary>What a person does on the page.</summary>
internal static class Steps
{
    public static async Task SignIn(this IPage page, string name)
    {
        await page.GetByLabel("Token").FillAsync(Tokens.Of(name));
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    /// <summary>The page goes there by itself. Asked again and again: who waits for the event alone misses it where it comes before the wait.</summary>
    /// <param name="path">Its path and query, or their beginning.</param>
    public static Task LeadsTo(this IPage page, string path) =>
        Assertions.Expect(page).ToHaveURLAsync(new Regex("^http://[^/]+" + Regex.Escape(path)), new() { Timeout = Chromium.Patience });

    public static Task Press(this IPage page, string button) =>
        page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    public static ILocator Heading(this IPage page, string text) => page.GetByRole(AriaRole.Heading, new() { Name = text, Exact = true });

    public static Task IsVisible(this ILocator locator) =>
        Assertions.Expect(locator.First).ToBeVisibleAsync(new() { Timeout = Chromium.Patience });

    public static Task IsAbsent(this ILocator locator) =>
        Assertions.Expect(locator).ToHaveCountAsync(0, new() { Timeout = Chromium.Patience });
}
