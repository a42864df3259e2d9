using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Compaction;

namespace Orchestrator.Benchmarks.Storage;

/// <summary>Compactions of the embedded engine beside SQLite's own, on the same file, and its writes.</summary>
internal sealed class StorageFigures : IFigureGroup
{
    private const string SizeVariable = "ORCHESTRATOR_FIGURES_STORAGE_MB";
    private const int DefaultMegabytes = 1024;
    private const int Repetitions = 3;
    private const int ClientWritesPerSecond = 500;
    private const long WarmUpBytes = 8 << 20;
    private const double Mega = 1 << 20;

    public string Name => "storage";

    public async Task<IReadOnlyList<Figure>> Measure(TextWriter log, CancellationToken cancellationToken)
    {
        var megabytes = int.TryParse(Environment.GetEnvironmentVariable(SizeVariable), CultureInfo.InvariantCulture, out var given) ? given : DefaultMegabytes;
        await WarmUp(cancellationToken);
        using var bench = new Workbench((long)megabytes << 20);
        log.WriteLine($"filling {2 * megabytes} MB, of which half is deleted ({SizeVariable} = MB of live documents)");
        bench.Fill();
        var size = $"{megabytes} MB of live documents (1 kB and 100 kB), as much deleted";
        var figures = new List<Figure>();
        var vacuums = new List<double>();
        var rewrites = new List<JobMeasure>();
        var exclusives = new List<JobMeasure>();
        var releases = new List<JobMeasure>();
        var incrementals = new List<JobMeasure>();
        for (var i = 1; i <= Repetitions; i++)
        {
            log.WriteLine($"round {i} of {Repetitions}: VACUUM INTO, rewrite, exclusive, release, incremental");
            var data = bench.Copy();
            vacuums.Add(VacuumInto(Workbench.Documents(data), bench.NewPath("vacuum")));
            releases.Add(await Jobs.Run(data, Request(CompactionMode.Release), 0, cancellationToken));
            incrementals.Add(await Jobs.Run(data, Request(CompactionMode.Incremental), ClientWritesPerSecond, cancellationToken));
            Workbench.Remove(data);
            data = bench.Copy();
            rewrites.Add(await Jobs.Run(data, Request(CompactionMode.Rewrite), ClientWritesPerSecond, cancellationToken));
            Workbench.Remove(data);
            data = bench.Copy();
            exclusives.Add(await Jobs.Run(data, Request(CompactionMode.Exclusive), 0, cancellationToken));
            Workbench.Remove(data);
            Log(log, "VACUUM INTO", TimeSpan.FromSeconds(vacuums[^1]), []);
            Log(log, "release", releases[^1]);
            Log(log, "incremental", incrementals[^1]);
            Log(log, "rewrite", rewrites[^1]);
            Log(log, "exclusive", exclusives[^1]);
        }

        // Of all rounds together: the disk's speed drifts, and each round has met the same disk with everything.
        var vacuum = vacuums.Average();
        var against = string.Create(CultureInfo.InvariantCulture, $"VACUUM INTO of the same file, {vacuum:0.00} s; {size}");
        figures.Add(new("rewrite throughput", vacuum / Seconds(rewrites), "ratio", ">= 0.8", $"{against}; a client writes {ClientWritesPerSecond}/s"));
        figures.Add(new("exclusive throughput", vacuum / Seconds(exclusives), "ratio", ">= 1.0", against));
        figures.Add(new("release speed", vacuum / Seconds(releases), "ratio", ">= 5", against + Freed(releases)));
        figures.Add(new("longest write pause", Most(rewrites, each => each.LongestPause.TotalMilliseconds), "ms", "< 50", $"rewrite, worst of {Repetitions}; {size}"));
        figures.Add(new("longest wait of a write", Most(rewrites, each => each.LongestWait.TotalMilliseconds), "ms", "-", "as the client sees it, with its own commits, during rewrite"));
        figures.Add(new("longest write pause, incremental", Most(incrementals, each => each.LongestPause.TotalMilliseconds), "ms", "< 50", $"worst of {Repetitions}"));
        figures.Add(new("memory of a rewrite", Most(rewrites, each => each.MemoryGrowth / Mega), "MB", "< 64", $"growth of the private memory, managed and native; {size}"));
        figures.Add(new("memory of an exclusive", Most(exclusives, each => each.MemoryGrowth / Mega), "MB", "< 64", "as above"));
        figures.Add(new("temporary space, incremental", Most(incrementals, each => each.TemporaryBytes), "bytes", "0", $"files beside the collection's own{Shortened(incrementals)}"));
        log.WriteLine("group commit");
        figures.Add(await GroupCommit.Measure(bench, cancellationToken));
        log.WriteLine("peers");
        figures.AddRange(await Peers.Measure(bench, vacuum, cancellationToken));
        return figures;
    }

    /// <summary>The code of all modes is compiled then, as in a process that runs for longer.</summary>
    private static async Task WarmUp(CancellationToken cancellationToken)
    {
        using var small = new Workbench(WarmUpBytes);
        small.Fill();
        foreach (var mode in Enum.GetValues<CompactionMode>())
        {
            await Jobs.Run(small.Copy(), Request(mode), mode == CompactionMode.Exclusive ? 0 : ClientWritesPerSecond, cancellationToken);
        }
    }

    private static CompactionRequest Request(CompactionMode mode) => CompactionRequest.Everything with { Mode = mode, FreeSpaceTargetBytes = 0 };

    /// <summary>SQLite's own compaction with its default settings, durable at its end as ours are.</summary>
    private static double VacuumInto(string file, string target)
    {
        var clock = Stopwatch.StartNew();
        using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString()))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "VACUUM INTO $target";
            command.CommandTimeout = 0;
            command.Parameters.AddWithValue("$target", target);
            command.ExecuteNonQuery();
        }

        Workbench.Sync(target);
        var took = clock.Elapsed.TotalSeconds;
        File.Delete(target);
        return took;
    }

    private static void Log(TextWriter log, string what, JobMeasure measure) =>
        Log(log, what, measure.Time, measure.Result.Units[0].StageDurations.Select(stage => $"{stage.Key} {stage.Value.TotalMilliseconds:0}"));

    private static void Log(TextWriter log, string what, TimeSpan time, IEnumerable<string> stages) =>
        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what}: {time.TotalMilliseconds:0} ms {string.Join(", ", stages)}"));

    private static double Seconds(List<JobMeasure> measures) => measures.Average(each => each.Time.TotalSeconds);

    private static double Most(List<JobMeasure> measures, Func<JobMeasure, double> value) => measures.Max(value);

    private static string Freed(List<JobMeasure> measures) => string.Create(
        CultureInfo.InvariantCulture, $"; {measures[0].Result.PhysicalBytesFreed / Mega:0} MB given back in {Seconds(measures):0.000} s");

    /// <summary>Of files whose free pages were given back before.</summary>
    private static string Shortened(List<JobMeasure> measures) => string.Create(
        CultureInfo.InvariantCulture, $"; the file is {measures[0].Result.BytesFreed / Mega:0} MB shorter after {Seconds(measures):0.000} s");
}
