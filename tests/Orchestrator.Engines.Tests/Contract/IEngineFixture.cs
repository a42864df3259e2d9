using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Engines.Tests.Contract;

/// <summary>A cluster of an engine, real or a double of its protocol, and what a contract test does to it beside the driver.</summary>
public interface IEngineFixture : IAsyncDisposable
{
    /// <summary>The member that the tests compact.</summary>
    string Member { get; }

    /// <summary>Settings by which it may be compacted at once.</summary>
    CompactionSettings Settings { get; }

    /// <summary>Driver objects that know of nothing that earlier ones did, as those of another process.</summary>
    /// <param name="patience">How long an answer may take; null for the usual time.</param>
    IEngineCluster Open(TimeSpan? patience = null);

    /// <summary>Drivers with a password, certificate or token that is not accepted; null where the engine has nothing of the kind.</summary>
    Task<IEngineCluster?> OpenWithWrongCredentials();

    /// <summary>From now on a job stays at work until <see cref="Release"/>.</summary>
    void Hold();

    void Release();

    /// <summary>How many jobs the member was ordered to do.</summary>
    int JobsStarted { get; }

    /// <summary>
    /// Whether a job shows on the member to who does not have its id. Where it does not, ordering it again must do no harm.
    /// </summary>
    bool ShowsJobsWithoutId => true;

    /// <summary>Ends the member's process; <see cref="Revive"/> starts it again with its data.</summary>
    Task Kill();

    Task Revive();

    /// <summary>From now on the member answers, but not in time for a driver that was opened with <paramref name="patience"/>.</summary>
    void SlowDown(TimeSpan patience);
}
