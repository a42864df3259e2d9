using AngleSharp.Dom;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Tests.Http;
using Orchestrator.Host.Web.Parts;

namespace Orchestrator.Web.Tests;

/// <summary>Names and reasons are others' texts: they are shown, never obeyed.</summary>
public sealed class HostileNameTests : IAsyncLifetime
{
    private const string Name = "<img src=x onerror=alert(1)>\"'&amp;\u202Eevil";
    private const string Shown = "<img src=x onerror=alert(1)>\"'&amp;\\u202Eevil";

    private readonly BunitContext _context = new();

    public HostileNameTests()
    {
        _context.Services.AddMudServices();
        _context.JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public void Members_are_shown_as_they_are_called()
    {
        var member = new MemberDto(Name, true, "", "failed", Name, "primary", 1, 1, 0, 0, [], [], [], Samples.Now);

        var table = _context.Render<MemberTable>(parameters => parameters.Add(part => part.Set, new ReplicaSetDto(Name, 1, Name, [member]) { Trouble = Name }));

        Assert.Equal(Shown, table.Find("tbody th").TextContent);
        ExpectNoElement(table);
    }

    [Fact]
    public void Plans_show_names_and_reasons_as_text()
    {
        var unit = new UnitEstimateDto(Name, 1, 1, 1, 1);
        var plan = new PlanDto(
            Name,
            new CompactionBody(Name, null, null),
            Samples.Now,
            1,
            [new ReplicaSetPlanDto(Name, Name, [new PlanStepDto(1, "compact", Name, Name, "primary", 1, 1, 1, [unit], null)], [new SkippedDto(Name, Name, Name)])]);

        var view = _context.Render<PlanView>(parameters => parameters.Add(part => part.Plan, plan));

        Assert.Equal(Shown, view.Find("tbody td:last-child").TextContent);
        ExpectNoElement(view);
    }

    [Fact]
    public void Runs_show_reasons_as_text_and_lead_to_their_own_address()
    {
        var run = new RunSummaryDto(Name, Name, "waiting", Name, Name, Samples.Now, null, 0) { By = Name, Schedule = Name };

        var line = _context.Render<RunLine>(parameters => parameters.Add(part => part.Run, run));

        Assert.Equal("/runs/" + Uri.EscapeDataString(Name), line.Find("a").GetAttribute("href"));
        ExpectNoElement(line);
    }

    [Fact]
    public void Rows_of_the_report_lead_to_a_plan_with_exactly_their_names()
    {
        const string odd = "a&node=x/b?c#d, e\n";
        var row = new ReportRow("node-1", Samples.Documents with { Size = new UnitSize(new DocumentsUnit(odd, Name), 1, 1, 1) });

        var address = ReportRow.PlanAddress("m/n", [row]);

        Assert.Equal($"/plan/m%2Fn?collection={Uri.EscapeDataString($"{odd}/{Name}")}", address);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _context.DisposeAsync();

    private static void ExpectNoElement<T>(IRenderedComponent<T> rendered)
        where T : Microsoft.AspNetCore.Components.IComponent
    {
        Assert.Empty(rendered.FindAll("img, script"));
        Assert.DoesNotContain(rendered.Nodes.QuerySelectorAll("*"), element => element.Attributes.Any(attribute => attribute.Name.StartsWith("on", StringComparison.Ordinal)));
        Assert.Contains("onerror", rendered.Markup, StringComparison.Ordinal);
    }
}
