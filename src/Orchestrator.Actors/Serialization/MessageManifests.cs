using System.Collections.Frozen;
using Orchestrator.Actors.Membership;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Serialization;

/// <summary>
/// The manifest of every message that crosses the wire or the journal. A manifest is for ever: it stands in journals and
/// is understood by older processes. A new shape of a message gets a new manifest and keeps the old one's reader.
/// </summary>
internal static class MessageManifests
{
    /// <summary>All manifests in the order in which they are documented.</summary>
    public static IReadOnlyList<(string Manifest, Type Type)> All { get; } =
    [
        // Orders to nodes.
        ("observe-node", typeof(ObserveNode)),
        ("take-inventory", typeof(TakeInventory)),
        ("compact-units", typeof(CompactUnits)),
        ("cancel-compaction", typeof(CancelCompaction)),
        ("throttle-compaction", typeof(ThrottleCompaction)),
        ("pause-compaction", typeof(PauseCompaction)),
        ("resync-collection", typeof(ResyncCollection)),
        ("verify-collections", typeof(VerifyCollections)),
        ("cancel-file-check", typeof(CancelFileCheck)),
        ("digest-ranges", typeof(DigestRanges)),
        ("list-versions", typeof(ListVersions)),
        ("clean-up-indexes", typeof(CleanUpIndexes)),
        ("promise-term", typeof(PromiseTerm)),
        ("stop-writes", typeof(StopWrites)),
        ("resume-writes", typeof(ResumeWrites)),
        ("follow-appointment", typeof(FollowAppointment)),
        ("transfer-primary", typeof(TransferPrimary)),

        // What nodes answer and tell.
        ("node-observation", typeof(NodeObservation)),
        ("node-state-changed", typeof(NodeStateChanged)),
        ("node-inventory", typeof(NodeInventory)),
        ("compaction-running", typeof(CompactionRunning)),
        ("compaction-succeeded", typeof(CompactionSucceeded)),
        ("compaction-failed", typeof(CompactionFailed)),
        ("compaction-paused", typeof(CompactionPaused)),
        ("resync-begun", typeof(ResyncBegun)),
        ("collections-verified", typeof(CollectionsVerified)),
        ("file-check-progressed", typeof(FileCheckProgressed)),
        ("ranges-digested", typeof(RangesDigested)),
        ("versions-listed", typeof(VersionsListed)),
        ("indexes-cleaned-up", typeof(IndexesCleanedUp)),
        ("term-promised", typeof(TermPromised)),
        ("writes-stopped", typeof(WritesStopped)),
        ("writes-resumed", typeof(WritesResumed)),
        ("appointment-followed", typeof(AppointmentFollowed)),
        ("primary-transferred", typeof(PrimaryTransferred)),
        ("command-refused", typeof(CommandRefused)),
        ("node-name-taken", typeof(NodeNameTaken)),

        // Between processes that look for the cluster.
        ("where-is-the-cluster", typeof(WhereIsTheCluster)),
        ("cluster-is", typeof(ClusterIs)),

        // Questions and orders to the supervisor.
        ("list-clusters", typeof(ListClusters)),
        ("get-cluster", typeof(GetCluster)),
        ("get-storage-report", typeof(GetStorageReport)),
        ("request-step-down", typeof(RequestStepDown)),
        ("start-verification", typeof(StartVerification)),
        ("get-verification", typeof(GetVerification)),
        ("cancel-verification", typeof(CancelVerification)),
        ("request-index-cleanup", typeof(RequestIndexCleanup)),
        ("request-resync", typeof(RequestResync)),
        ("make-plan", typeof(MakePlan)),
        ("start-run", typeof(StartRun)),
        ("get-run", typeof(GetRun)),
        ("list-runs", typeof(ListRuns)),
        ("read-run-events", typeof(ReadRunEvents)),

        ("pause-run", typeof(PauseRun)),
        ("resume-run", typeof(ResumeRun)),
        ("cancel-run", typeof(CancelRun)),
        ("approve-run", typeof(ApproveRun)),
        ("throttle-run", typeof(ThrottleRun)),
        ("start-freeze", typeof(StartFreeze)),
        ("lift-freeze", typeof(LiftFreeze)),
        ("place-hold", typeof(PlaceHold)),
        ("release-hold", typeof(ReleaseHold)),
        ("list-holds", typeof(ListHolds)),
        ("adopt-journal", typeof(AdoptJournal)),
        ("journal-adopted", typeof(JournalAdopted)),
        ("list-freezes", typeof(ListFreezes)),
        ("read-audit", typeof(ReadAudit)),
        ("record-order", typeof(RecordOrder)),
        ("explain-units", typeof(ExplainUnits)),
        ("list-schedules", typeof(ListSchedules)),
        ("follow-webhooks", typeof(FollowWebhooks)),
        ("move-webhook", typeof(MoveWebhook)),

        // What the supervisor answers.
        ("cluster-list", typeof(ClusterList)),
        ("cluster-view", typeof(ClusterView)),
        ("storage-report", typeof(StorageReport)),
        ("step-down-completed", typeof(StepDownCompleted)),
        ("verification-view", typeof(VerificationView)),
        ("request-failed", typeof(RequestFailed)),
        ("plan-made", typeof(PlanMade)),
        ("run-view", typeof(RunView)),
        ("run-page", typeof(RunPage)),
        ("run-event-batch", typeof(RunEventBatch)),
        ("freeze-list", typeof(FreezeList)),
        ("hold-view", typeof(HoldView)),
        ("hold-list", typeof(HoldList)),
        ("audit-trail", typeof(AuditTrail)),
        ("order-recorded", typeof(OrderRecorded)),
        ("explanation", typeof(Explanation)),
        ("schedule-list", typeof(ScheduleList)),
        ("webhook-places", typeof(WebhookPlaces)),

        // The history of a run.
        ("run-planned", typeof(RunPlanned)),
        ("run-started", typeof(RunStarted)),
        ("check-evaluated", typeof(CheckEvaluated)),
        ("step-started", typeof(StepStarted)),
        ("step-accepted", typeof(StepAccepted)),
        ("step-down-ordered", typeof(StepDownOrdered)),
        ("step-retried", typeof(StepRetried)),
        ("member-compacted", typeof(MemberCompacted)),
        ("step-verification-started", typeof(StepVerificationStarted)),
        ("primary-stepped-down", typeof(PrimarySteppedDown)),
        ("step-skipped", typeof(StepSkipped)),
        ("step-failed", typeof(StepFailed)),
        ("node-state-recorded", typeof(NodeStateRecorded)),
        ("run-waiting", typeof(RunWaiting)),
        ("run-went-on", typeof(RunWentOn)),
        ("run-approved", typeof(RunApproved)),
        ("run-pause-requested", typeof(RunPauseRequested)),
        ("run-paused", typeof(RunPaused)),
        ("run-resumed", typeof(RunResumed)),
        ("run-cancel-requested", typeof(RunCancelRequested)),
        ("run-cancelled", typeof(RunCancelled)),
        ("run-throttled", typeof(RunThrottled)),
        ("step-pause-ordered", typeof(StepPauseOrdered)),
        ("step-paused", typeof(StepPaused)),
        ("step-cancelled", typeof(StepCancelled)),
        ("run-completed", typeof(RunCompleted)),
        ("run-failed", typeof(RunFailed)),

        // The history of the supervisor.
        ("supervisor-started", typeof(SupervisorStarted)),
        ("replica-set-recorded", typeof(ReplicaSetRecorded)),
        ("run-registered", typeof(RunRegistered)),
        ("run-released", typeof(RunReleased)),
        ("run-forgotten", typeof(RunForgotten)),
        ("schedule-recorded", typeof(ScheduleRecorded)),
        ("freeze-recorded", typeof(FreezeRecorded)),
        ("hold-recorded", typeof(HoldRecorded)),
        ("audit-recorded", typeof(AuditRecorded)),
        ("node-condition-recorded", typeof(NodeConditionRecorded)),
        ("node-orders-noted", typeof(NodeOrdersNoted)),
        ("audit-segment-stored", typeof(AuditSegmentStored)),
        ("audit-segment-forgotten", typeof(AuditSegmentForgotten)),
        ("audit-segment-written", typeof(AuditSegmentWritten)),
        ("verification-begun", typeof(VerificationBegun)),
        ("verification-recorded", typeof(VerificationRecorded)),
        ("supervisor-snapshot", typeof(SupervisorSnapshot)),

        // How far webhooks have been told.
        ("notification-recorded", typeof(NotificationRecorded)),
        ("notification-snapshot", typeof(NotificationSnapshot)),
    ];

    /// <summary>The type that a manifest stands for.</summary>
    public static FrozenDictionary<string, Type> ByManifest { get; } =
        All.ToFrozenDictionary(entry => entry.Manifest, entry => entry.Type, StringComparer.Ordinal);

    /// <summary>The manifest under which a type is written.</summary>
    public static FrozenDictionary<Type, string> ByType { get; } =
        All.ToFrozenDictionary(entry => entry.Type, entry => entry.Manifest);
}
