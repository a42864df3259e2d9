namespace Orchestrator.Benchmarks.Planning;

/// <summary>What the supervisor costs: planning for a million units, and a run over 500 members with its journal on SQLite.</summary>
internal sealed class PlanningFigures : IFigureGroup
{
    public string Name => "planning";

    public async Task<IReadOnlyList<Figure>> Measure(TextWriter log, CancellationToken cancellationToken)
    {
        // The run comes first: its memory is that of the process, which planning for a million units would raise.
        var run = await new BigRun(log).Measure(cancellationToken);
        return [.. run, .. BigPlan.Measure(log), .. Mailbox.Measure(log)];
    }
}
