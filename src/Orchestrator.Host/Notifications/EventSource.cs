using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http;

namespace Orchestrator.Host.Notifications;

/// <summary>An event and its place: the number in its stream, which is a run's history, or without a name the audit trail.</summary>
internal sealed record StreamEvent(long Sequence, CloudEvent Event);

/// <summary>
/// What webhooks are told of, read from the histories that the supervisor keeps anyway: nothing waits in memory, however long an
/// address takes nothing. Only the process that hosts the supervisor gets any, so that not every process sends the same.
/// </summary>
/// <param name="self">Remoting address of this process.</param>
internal sealed class EventSource(SupervisorGateway supervisor, string self)
{
    /// <summary>Name of the audit trail's stream.</summary>
    public const string AuditTrail = "";

    private const int PageSize = 200;

    /// <summary>Whether this process hosts the supervisor.</summary>
    public async Task<bool> IsHost(CancellationToken cancellationToken)
    {
        var clusters = await Ask<ClusterList>(new ListClusters(), cancellationToken);
        return clusters?.Clusters.Any(cluster => cluster.SupervisorNode == self) ?? false;
    }

    /// <summary>The runs whose histories can be read, oldest first; null where another process hosts the supervisor or none does.</summary>
    public async Task<IReadOnlyList<RunSummary>?> Runs(CancellationToken cancellationToken)
    {
        if (!await IsHost(cancellationToken))
        {
            return null;
        }

        var runs = await Ask<RunPage>(new ListRuns(), cancellationToken);
        return runs is null ? null : [.. runs.Runs.Reverse()];
    }

    /// <summary>What follows a place in a stream, at most a page; empty at its end, null without an answer.</summary>
    /// <param name="since">What happened before this is not needed, so that a new webhook does not have the whole audit trail read.</param>
    public async Task<IReadOnlyList<StreamEvent>?> Read(string stream, long after, DateTimeOffset since, CancellationToken cancellationToken)
    {
        if (stream == AuditTrail)
        {
            var trail = await Ask<AuditTrail>(new ReadAudit(after, PageSize) { Since = since }, cancellationToken);
            return trail is null ? null : [.. trail.Entries.Select(entry => new StreamEvent(entry.Sequence, CloudEvent.Of(entry)))];
        }

        var batch = await Ask<RunEventBatch>(new ReadRunEvents(stream, after, TimeSpan.Zero), cancellationToken);
        return batch is null ? null : [.. batch.Events.Select(recorded => new StreamEvent(recorded.Sequence, CloudEvent.Of(batch.Run, recorded)))];
    }

    /// <summary>How far webhooks have been told, after an order about it; null without an answer.</summary>
    public async Task<IReadOnlyList<WebhookPlace>?> Places(INotificationRequest order, CancellationToken cancellationToken) =>
        (await Ask<WebhookPlaces>(order, cancellationToken))?.Webhooks;

    private async Task<T?> Ask<T>(ISupervisorRequest request, CancellationToken cancellationToken)
        where T : class => (await supervisor.Ask<T>(request, SupervisorGateway.Quick, cancellationToken)).Reply;
}
