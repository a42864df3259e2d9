namespace Orchestrator.Benchmarks.Runtime;

/// <summary>The memory that hostile requests can make a process hold, and what stays of it.</summary>
internal sealed class MemoryFigures : IFigureGroup
{
    private const string Load = "one serve process, default settings; 16 bulks of 60 MiB at once, 8 documents with a million keys at once, 2000 idle readers of changes";

    public string Name => "memory";

    public async Task<IReadOnlyList<Figure>> Measure(TextWriter log, CancellationToken cancellationToken)
    {
        var (before, peak, after) = await HostileLoad.Measure(log, cancellationToken);
        return
        [
            new Figure("memory-before", before, "MB", "< 250", "resident memory before the load"),
            new Figure("memory-peak", peak, "MB", "< 1000", Load),
            new Figure("memory-after", after, "MB", "< 350", "90 s after the last request"),
        ];
    }
}
