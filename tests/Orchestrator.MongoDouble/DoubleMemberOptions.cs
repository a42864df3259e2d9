namespace Orchestrator.MongoDouble;

/// <summary>How a member stands in the configuration of its replica set.</summary>
/// <param name="Name">Host and port in the configuration; empty for where it really listens.</param>
internal sealed record DoubleMemberOptions(string Name = "")
{
    public int Port { get; init; }

    public bool IsArbiter { get; init; }

    public bool IsHidden { get; init; }

    public double Priority { get; init; } = 1;

    public int Votes { get; init; } = 1;

    public int DelaySeconds { get; init; }
}
