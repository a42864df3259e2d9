namespace Orchestrator.Benchmarks;

/// <summary>Figures that are measured together, in one run.</summary>
internal interface IFigureGroup
{
    /// <summary>The name on the command line.</summary>
    string Name { get; }

    /// <summary>Measures everything, which takes minutes. What is under way is said on <paramref name="log"/>, a line each.</summary>
    Task<IReadOnlyList<Figure>> Measure(TextWriter log, CancellationToken cancellationToken);
}
