using System.CommandLine;
using Orchestrator.Benchmarks;
using Orchestrator.Benchmarks.Etcd;
using Orchestrator.Benchmarks.Page;
using Orchestrator.Benchmarks.Planning;
using Orchestrator.Benchmarks.Runtime;
using Orchestrator.Benchmarks.Start;
using Orchestrator.Benchmarks.Storage;

IFigureGroup[] groups = [new StorageFigures(), new PlanningFigures(), new RuntimeFigures(), new MemoryFigures(), new EtcdFigures(), new PageFigures(), new StartFigures()];

var group = new Argument<string>("group") { Description = $"What to measure: {string.Join(", ", groups.Select(one => one.Name))}." };
group.Validators.Add(result =>
{
    if (groups.All(one => one.Name != result.GetValue(group)))
    {
        result.AddError($"There is no group '{result.GetValue(group)}'; there is {string.Join(", ", groups.Select(one => one.Name))}.");
    }
});
var output = new Option<string>("--output") { Description = "text or json.", DefaultValueFactory = _ => "text" };
output.AcceptOnlyFromAmong("text", "json");
var figures = new Command("figures", "Measures a group of figures on this machine.") { group, output };
figures.SetAction(async (parsed, cancellationToken) =>
{
    var chosen = groups.First(one => one.Name == parsed.GetValue(group));
    var measured = await chosen.Measure(Console.Error, cancellationToken);
    if (parsed.GetValue(output) == "json")
    {
        FigureOutput.WriteJson(Console.Out, chosen.Name, measured);
    }
    else
    {
        FigureOutput.WriteText(Console.Out, measured);
    }

    return 0;
});
return await new RootCommand("Measures what docs/benchmarks.md reports.") { figures }.Parse(args).InvokeAsync();
