using System.Globalization;

namespace Orchestrator.Benchmarks.Runtime;

/// <summary>The product's processes on Akka.NET: their start, their memory, how soon one that is gone is replaced; and the journal.</summary>
internal sealed class RuntimeFigures : IFigureGroup
{
    private const string RepetitionsVariable = "ORCHESTRATOR_FIGURES_RUNTIME_REPETITIONS";
    private const int DefaultRepetitions = 5;

    private static readonly int Repetitions =
        int.TryParse(Environment.GetEnvironmentVariable(RepetitionsVariable), CultureInfo.InvariantCulture, out var given) ? Math.Max(1, given) : DefaultRepetitions;

    public string Name => "runtime";

    public async Task<IReadOnlyList<Figure>> Measure(TextWriter log, CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        await MeasureProcess(figures, log, cancellationToken);
        await MeasureTakeover(figures, log, cancellationToken);
        await MeasureJournal(figures, log, cancellationToken);
        return figures;
    }

    private static async Task MeasureProcess(List<Figure> figures, TextWriter log, CancellationToken cancellationToken)
    {
        var starts = await Repeat("start of serve", log, () => ServedProcess.Measure(cancellationToken));
        figures.Add(new Figure(
            "serve-ready", Figure.Median(starts.Select(start => start.Ready)), "s", "< 5", $"one serve process until /readyz, node and supervisor, default settings; {Figure.Load()}"));
        figures.Add(new Figure(
            "serve-memory", Figure.Median(starts.Select(start => start.Memory)), "MB", "< 250", "resident memory of the same process, idle for 20 s"));
    }

    private static async Task MeasureTakeover(List<Figure> figures, TextWriter log, CancellationToken cancellationToken)
    {
        var kills = await Repeat("supervisor's host killed", log, async () =>
        {
            await using var cluster = await ServedCluster.Start(cancellationToken);
            return await cluster.KillHost(cancellationToken);
        });
        figures.Add(new Figure(
            "supervisor-killed", Figure.Median(kills), "s", "< 20", $"SIGKILL of the host, three serve processes, default settings, until the run goes on; {Figure.Load()}"));
        var stops = await Repeat("supervisor's host stopped", log, async () =>
        {
            await using var cluster = await ServedCluster.Start(cancellationToken);
            return await cluster.StopHost(cancellationToken);
        });
        figures.Add(new Figure(
            "supervisor-moved", Figure.Median(stops), "s", "< 3", $"SIGTERM of the host, three serve processes, default settings, until another one reigns; {Figure.Load()}"));
    }

    private static async Task MeasureJournal(List<Figure> figures, TextWriter log, CancellationToken cancellationToken)
    {
        var results = await Repeat("journal", log, () =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return JournalWrites.Measure();
        });
        var bare = Figure.Median(results.Select(result => result.BareCommits)).ToString("#,0", CultureInfo.InvariantCulture);
        figures.Add(new Figure(
            "persist", Figure.Median(results.Select(result => result.Sequential)), "events/s", ">= 300", $"one after the other on SQLite; bare SQLite commits: {bare}/s"));
        figures.Add(new Figure("persist-all", Figure.Median(results.Select(result => result.Batched)), "events/s", ">= 10000", "PersistAll of 100 on SQLite"));
        figures.Add(new Figure("recovery", Figure.Median(results.Select(result => result.Recovery)), "events/s", ">= 50000", "50000 events of one actor, SQLite"));
    }

    private static async Task<List<T>> Repeat<T>(string what, TextWriter log, Func<Task<T>> measure)
    {
        var values = new List<T>();
        for (var i = 1; i <= Repetitions; i++)
        {
            values.Add(await measure());
            log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}, {i} of {Repetitions}: {values[^1]}"));
        }

        return values;
    }
}
