using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;

namespace Orchestrator.Actors.Serialization;

/// <summary>
/// The manifest of every message that crosses the wire or the journal. A manifest is for ever: it stands in journals and
/// is understood by older processes. A new shape of a message gets a new manifest and keeps the old one's reader.
/// </summary>
internal static class MessageManifests
{
    private static readonly OrchestratorJson Json = OrchestratorJson.Default;

    /// <summary>All manifests in the order in which they are documented.</summary>
    public static IReadOnlyList<(string Manifest, JsonTypeInfo Shape)> All { get; } =
    [
        // Orders to nodes.
        ("observe-node", Json.ObserveNode),
        ("take-inventory", Json.TakeInventory),
        ("compact-units", Json.CompactUnits),
        ("cancel-compaction", Json.CancelCompaction),
        ("throttle-compaction", Json.ThrottleCompaction),
        ("pause-compaction", Json.PauseCompaction),
        ("resync-collection", Json.ResyncCollection),
        ("verify-collections", Json.VerifyCollections),
        ("cancel-file-check", Json.CancelFileCheck),
        ("digest-ranges", Json.DigestRanges),
        ("list-versions", Json.ListVersions),
        ("clean-up-indexes", Json.CleanUpIndexes),
        ("promise-term", Json.PromiseTerm),
        ("stop-writes", Json.StopWrites),
        ("resume-writes", Json.ResumeWrites),
        ("follow-appointment", Json.FollowAppointment),
        ("transfer-primary", Json.TransferPrimary),

        // What nodes answer and tell.
        ("node-observation", Json.NodeObservation),
        ("node-state-changed", Json.NodeStateChanged),
        ("node-inventory", Json.NodeInventory),
        ("compaction-running", Json.CompactionRunning),
        ("compaction-succeeded", Json.CompactionSucceeded),
        ("compaction-failed", Json.CompactionFailed),
        ("compaction-paused", Json.CompactionPaused),
        ("resync-begun", Json.ResyncBegun),
        ("collections-verified", Json.CollectionsVerified),
        ("file-check-progressed", Json.FileCheckProgressed),
        ("ranges-digested", Json.RangesDigested),
        ("versions-listed", Json.VersionsListed),
        ("indexes-cleaned-up", Json.IndexesCleanedUp),
        ("term-promised", Json.TermPromised),
        ("writes-stopped", Json.WritesStopped),
        ("writes-resumed", Json.WritesResumed),
        ("appointment-followed", Json.AppointmentFollowed),
        ("primary-transferred", Json.PrimaryTransferred),
        ("command-refused", Json.CommandRefused),
        ("node-name-taken", Json.NodeNameTaken),

        // Between processes that look for the cluster.
        ("where-is-the-cluster", Json.WhereIsTheCluster),
        ("cluster-is", Json.ClusterIs),

        // Questions and orders to the supervisor.
        ("list-clusters", Json.ListClusters),
        ("get-cluster", Json.GetCluster),
        ("get-storage-report", Json.GetStorageReport),
        ("request-step-down", Json.RequestStepDown),
        ("start-verification", Json.StartVerification),
        ("get-verification", Json.GetVerification),
        ("cancel-verification", Json.CancelVerification),
        ("request-index-cleanup", Json.RequestIndexCleanup),
        ("request-resync", Json.RequestResync),
        ("make-plan", Json.MakePlan),
        ("start-run", Json.StartRun),
        ("get-run", Json.GetRun),
        ("list-runs", Json.ListRuns),
        ("read-run-events", Json.ReadRunEvents),

        ("pause-run", Json.PauseRun),
        ("resume-run", Json.ResumeRun),
        ("cancel-run", Json.CancelRun),
        ("approve-run", Json.ApproveRun),
        ("throttle-run", Json.ThrottleRun),
        ("start-freeze", Json.StartFreeze),
        ("lift-freeze", Json.LiftFreeze),
        ("place-hold", Json.PlaceHold),
        ("release-hold", Json.ReleaseHold),
        ("list-holds", Json.ListHolds),
        ("adopt-journal", Json.AdoptJournal),
        ("journal-adopted", Json.JournalAdopted),
        ("list-freezes", Json.ListFreezes),
        ("read-audit", Json.ReadAudit),
        ("record-order", Json.RecordOrder),
        ("explain-units", Json.ExplainUnits),
        ("list-schedules", Json.ListSchedules),
        ("follow-webhooks", Json.FollowWebhooks),
        ("move-webhook", Json.MoveWebhook),

        // What the supervisor answers.
        ("cluster-list", Json.ClusterList),
        ("cluster-view", Json.ClusterView),
        ("storage-report", Json.StorageReport),
        ("step-down-completed", Json.StepDownCompleted),
        ("verification-view", Json.VerificationView),
        ("request-failed", Json.RequestFailed),
        ("plan-made", Json.PlanMade),
        ("run-view", Json.RunView),
        ("run-page", Json.RunPage),
        ("run-event-batch", Json.RunEventBatch),
        ("freeze-list", Json.FreezeList),
        ("hold-view", Json.HoldView),
        ("hold-list", Json.HoldList),
        ("audit-trail", Json.AuditTrail),
        ("order-recorded", Json.OrderRecorded),
        ("explanation", Json.Explanation),
        ("schedule-list", Json.ScheduleList),
        ("webhook-places", Json.WebhookPlaces),

        // The history of a run.
        ("run-planned", Json.RunPlanned),
        ("run-started", Json.RunStarted),
        ("check-evaluated", Json.CheckEvaluated),
        ("step-started", Json.StepStarted),
        ("step-accepted", Json.StepAccepted),
        ("step-down-ordered", Json.StepDownOrdered),
        ("step-retried", Json.StepRetried),
        ("member-compacted", Json.MemberCompacted),
        ("step-verification-started", Json.StepVerificationStarted),
        ("primary-stepped-down", Json.PrimarySteppedDown),
        ("step-skipped", Json.StepSkipped),
        ("step-failed", Json.StepFailed),
        ("node-state-recorded", Json.NodeStateRecorded),
        ("run-waiting", Json.RunWaiting),
        ("run-went-on", Json.RunWentOn),
        ("run-approved", Json.RunApproved),
        ("run-pause-requested", Json.RunPauseRequested),
        ("run-paused", Json.RunPaused),
        ("run-resumed", Json.RunResumed),
        ("run-cancel-requested", Json.RunCancelRequested),
        ("run-cancelled", Json.RunCancelled),
        ("run-throttled", Json.RunThrottled),
        ("step-pause-ordered", Json.StepPauseOrdered),
        ("step-paused", Json.StepPaused),
        ("step-cancelled", Json.StepCancelled),
        ("run-completed", Json.RunCompleted),
        ("run-failed", Json.RunFailed),

        // The history of the supervisor.
        ("supervisor-started", Json.SupervisorStarted),
        ("replica-set-recorded", Json.ReplicaSetRecorded),
        ("run-registered", Json.RunRegistered),
        ("run-released", Json.RunReleased),
        ("run-forgotten", Json.RunForgotten),
        ("schedule-recorded", Json.ScheduleRecorded),
        ("freeze-recorded", Json.FreezeRecorded),
        ("hold-recorded", Json.HoldRecorded),
        ("audit-recorded", Json.AuditRecorded),
        ("node-condition-recorded", Json.NodeConditionRecorded),
        ("node-orders-noted", Json.NodeOrdersNoted),
        ("audit-segment-stored", Json.AuditSegmentStored),
        ("audit-segment-forgotten", Json.AuditSegmentForgotten),
        ("audit-segment-written", Json.AuditSegmentWritten),
        ("verification-begun", Json.VerificationBegun),
        ("verification-recorded", Json.VerificationRecorded),
        ("supervisor-snapshot", Json.SupervisorSnapshot),

        // How far webhooks have been told.
        ("notification-recorded", Json.NotificationRecorded),
        ("notification-snapshot", Json.NotificationSnapshot),
    ];

    /// <summary>The shape that a manifest stands for.</summary>
    public static FrozenDictionary<string, JsonTypeInfo> ByManifest { get; } =
        All.ToFrozenDictionary(entry => entry.Manifest, entry => entry.Shape, StringComparer.Ordinal);

    /// <summary>The manifest under which a type is written.</summary>
    public static FrozenDictionary<Type, string> ByType { get; } =
        All.ToFrozenDictionary(entry => entry.Shape.Type, entry => entry.Manifest);
}
