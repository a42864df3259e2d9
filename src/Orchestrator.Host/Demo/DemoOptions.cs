namespace Orchestrator.Host.Demo;

/// <summary>What a demo is asked to do.</summary>
/// <param name="Nodes">Number of database nodes.</param>
/// <param name="Documents">Number of generated documents; not used with an input file.</param>
/// <param name="Input">File of documents; null generates them.</param>
/// <param name="Directory">Where everything is put; null takes a new directory among the temporary ones.</param>
/// <param name="Keep">Whether files stay afterwards.</param>
/// <param name="Primary">Who shall be primary when the run begins; null leaves it as it is.</param>
internal sealed record DemoOptions(int Nodes, int Documents, string? Input, string? Directory, bool Keep, string? Primary)
{
    /// <summary>Whose process is killed while the run compacts; null kills nothing.</summary>
    public KillTarget? Kill { get; init; }

    /// <summary>How the run compacts.</summary>
    public DemoMode Mode { get; init; } = DemoMode.Default;

    /// <summary>With fewer, no member could be taken out without losing the majority.</summary>
    public const int MinNodes = 3;

    public const int MaxNodes = 9;

    public const int MaxDocuments = 10_000_000;

    public const int DefaultDocuments = 20_000;
}

/// <summary>Whose process a demo kills while the run is at work.</summary>
internal enum KillTarget
{
    /// <summary>The process that hosts the supervisor at that moment, whatever else it hosts.</summary>
    Supervisor,

    /// <summary>The node that is compacting at that moment.</summary>
    Node,
}

/// <summary>The demo cannot go on; the message is one sentence for the user.</summary>
internal sealed class DemoException(string message, Exception? inner = null) : Exception(message, inner);
