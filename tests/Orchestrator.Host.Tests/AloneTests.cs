namespace Orchestrator.Host.Tests;

/// <summary>Tests beside which no other one runs, since they look at what belongs to the whole process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneTests
{
    public const string Name = "alone";
}
