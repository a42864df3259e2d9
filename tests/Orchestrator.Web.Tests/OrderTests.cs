using Microsoft.Playwright;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Tests.Http;
using Orchestrator.Host.Tests.Security;

namespace Orchestrator.Web.Tests;

/// <summary>Orders that are given on the page, and what it shows while there is no supervisor.</summary>
[Collection(BrowserTests.Name)]
public sealed class OrderTests(Chromium chromium)
{
    [SkippableFact]
    public async Task Orders_reach_the_supervisor_with_the_name_and_the_reason()
    {
        var script = new Script();
        await using var server = await Start(script);
        var page = await chromium.Open(server.Address);
        await page.GotoAsync($"/runs/{ScriptedSupervisor.Run}");
        await page.SignIn("ann");

        await page.GetByLabel("Reason").FillAsync("a backup comes");
        await page.Press("Pause");
        await page.Press("Resume");
        await page.GetByLabel("Rate limit").FillAsync("20MiB");
        await page.Press("Set");
        // What is drawn after the order would take the place of what is typed meanwhile.
        await page.GetByText("at most 20").IsVisible();
        await page.GetByLabel("Rate limit").FillAsync("fast");
        await page.Press("Set");
        await page.GetByText("Rate limit: must be a whole number").IsVisible();
        await page.Press("Cancel…");
        await page.Press("Cancel it for good");
        await page.GetByLabel("Rate limit").IsAbsent();

        await page.GotoAsync("/");
        await page.Press("Freeze…");
        await page.GetByLabel("Where").SelectOptionAsync("main");
        await page.GetByLabel("Reason").FillAsync("an upgrade");
        await page.GetByLabel("For", new() { Exact = true }).FillAsync("soon");
        await page.Press("Freeze");
        await page.GetByText("For: must be a length of time such as 90m, 12h or 3d, not 'soon'.").IsVisible();
        await page.GetByLabel("For", new() { Exact = true }).FillAsync("12h");
        await page.Press("Freeze");
        await page.GetByText("Cluster main is frozen").IsVisible();

        Assert.Equal(
            [
                new PauseRun(ScriptedSupervisor.Run, "ann", "a backup comes"),
                new ResumeRun(ScriptedSupervisor.Run, "ann"),
                new ThrottleRun(ScriptedSupervisor.Run, "ann", 20 << 20),
                new CancelRun(ScriptedSupervisor.Run, "ann", "a backup comes"),
                new StartFreeze("main", "ann", "an upgrade", Samples.Now),
            ],
            script.Orders.Select(order => order is StartFreeze { Until: { } until } freeze && until > TimeProvider.System.GetUtcNow().AddHours(11) ? freeze with { Until = Samples.Now } : order));
    }

    [SkippableFact]
    public async Task While_there_is_no_supervisor_the_page_keeps_what_it_shows_and_what_was_typed()
    {
        var script = new Script();
        await using var server = await Start(script);
        var page = await chromium.Open(server.Address);
        await page.GotoAsync($"/runs/{ScriptedSupervisor.Run}");
        await page.SignIn("ann");
        await page.GetByLabel("Reason").FillAsync("typed before");

        script.IsAway = true;
        await page.GetByText("The supervisor moves.").IsVisible();
        await page.GetByText("enough is free").IsVisible();
        script.IsAway = false;

        await page.GetByText("The supervisor moves.").IsAbsent();
        await page.GetByText("enough is free").IsVisible();
        await Assertions.Expect(page.GetByLabel("Reason")).ToHaveValueAsync("typed before");
    }

    private static Task<ApiHost> Start(Script script) =>
        ApiHost.Start(supervisor: script.Answer, security: Tokens.Settings(("ann", "operator")), http: "page = on");

    private sealed class Script
    {
        private readonly Lock _gate = new();
        private readonly List<ISupervisorRequest> _orders = [];
        private readonly List<Freeze> _freezes = [];
        private string _state = "running";
        private long _rate;

        public volatile bool IsAway;

        public IReadOnlyList<ISupervisorRequest> Orders
        {
            get
            {
                lock (_gate)
                {
                    return [.. _orders];
                }
            }
        }

        public object Answer(ISupervisorRequest request)
        {
            if (IsAway)
            {
                return new RequestFailed(FailureCode.Unavailable, "The supervisor moves.", "");
            }

            lock (_gate)
            {
                if (request is IRunControl or StartFreeze)
                {
                    _orders.Add(request);
                }

                _state = request switch { PauseRun => "paused", ResumeRun => "running", CancelRun => "cancelling", _ => _state };
                _rate = request is ThrottleRun throttle ? throttle.MaxBytesPerSecond : _rate;
                if (request is StartFreeze freeze)
                {
                    _freezes.Add(new Freeze(freeze.Cluster, freeze.By, freeze.Reason, Samples.Now, null));
                }

                return request switch
                {
                    ReadRunEvents => new RunEventBatch([], ScriptedSupervisor.RunView(_state) with { MaxBytesPerSecond = _rate }),
                    ListFreezes or StartFreeze => new FreezeList([.. _freezes]),
                    IRunControl => ScriptedSupervisor.RunView(_state),
                    _ => ScriptedSupervisor.Answer(request),
                };
            }
        }
    }
}
