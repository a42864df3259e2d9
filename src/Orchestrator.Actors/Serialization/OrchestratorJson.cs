using System.Text.Json.Serialization;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Serialization;

/// <summary>
/// The JSON form of every message that crosses the wire or the journal. A constructor parameter without a default
/// value must be present, so what a later version adds needs a default value to read older bytes.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ObserveNode))]
[JsonSerializable(typeof(TakeInventory))]
[JsonSerializable(typeof(CompactUnits))]
[JsonSerializable(typeof(CancelCompaction))]
[JsonSerializable(typeof(ThrottleCompaction))]
[JsonSerializable(typeof(PauseCompaction))]
[JsonSerializable(typeof(ResyncCollection))]
[JsonSerializable(typeof(VerifyCollections))]
[JsonSerializable(typeof(CleanUpIndexes))]
[JsonSerializable(typeof(PromiseTerm))]
[JsonSerializable(typeof(StopWrites))]
[JsonSerializable(typeof(ResumeWrites))]
[JsonSerializable(typeof(FollowAppointment))]
[JsonSerializable(typeof(NodeObservation))]
[JsonSerializable(typeof(NodeStateChanged))]
[JsonSerializable(typeof(NodeInventory))]
[JsonSerializable(typeof(CompactionRunning))]
[JsonSerializable(typeof(CompactionSucceeded))]
[JsonSerializable(typeof(CompactionFailed))]
[JsonSerializable(typeof(CompactionPaused))]
[JsonSerializable(typeof(ResyncBegun))]
[JsonSerializable(typeof(CollectionsVerified))]
[JsonSerializable(typeof(IndexesCleanedUp))]
[JsonSerializable(typeof(TermPromised))]
[JsonSerializable(typeof(WritesStopped))]
[JsonSerializable(typeof(WritesResumed))]
[JsonSerializable(typeof(AppointmentFollowed))]
[JsonSerializable(typeof(CommandRefused))]
[JsonSerializable(typeof(ListClusters))]
[JsonSerializable(typeof(GetCluster))]
[JsonSerializable(typeof(GetStorageReport))]
[JsonSerializable(typeof(RequestStepDown))]
[JsonSerializable(typeof(MakePlan))]
[JsonSerializable(typeof(StartRun))]
[JsonSerializable(typeof(GetRun))]
[JsonSerializable(typeof(ListRuns))]
[JsonSerializable(typeof(ReadRunEvents))]
[JsonSerializable(typeof(PauseRun))]
[JsonSerializable(typeof(ResumeRun))]
[JsonSerializable(typeof(CancelRun))]
[JsonSerializable(typeof(ApproveRun))]
[JsonSerializable(typeof(ThrottleRun))]
[JsonSerializable(typeof(StartFreeze))]
[JsonSerializable(typeof(LiftFreeze))]
[JsonSerializable(typeof(ListFreezes))]
[JsonSerializable(typeof(ReadAudit))]
[JsonSerializable(typeof(ExplainUnits))]
[JsonSerializable(typeof(ListSchedules))]
[JsonSerializable(typeof(ClusterList))]
[JsonSerializable(typeof(ClusterView))]
[JsonSerializable(typeof(StorageReport))]
[JsonSerializable(typeof(StepDownCompleted))]
[JsonSerializable(typeof(RequestFailed))]
[JsonSerializable(typeof(PlanMade))]
[JsonSerializable(typeof(RunView))]
[JsonSerializable(typeof(RunList))]
[JsonSerializable(typeof(RunEventBatch))]
[JsonSerializable(typeof(FreezeList))]
[JsonSerializable(typeof(AuditTrail))]
[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(ScheduleList))]
[JsonSerializable(typeof(RunPlanned))]
[JsonSerializable(typeof(RunStarted))]
[JsonSerializable(typeof(CheckEvaluated))]
[JsonSerializable(typeof(StepStarted))]
[JsonSerializable(typeof(StepAccepted))]
[JsonSerializable(typeof(StepDownOrdered))]
[JsonSerializable(typeof(StepRetried))]
[JsonSerializable(typeof(MemberCompacted))]
[JsonSerializable(typeof(PrimarySteppedDown))]
[JsonSerializable(typeof(StepSkipped))]
[JsonSerializable(typeof(StepFailed))]
[JsonSerializable(typeof(NodeStateRecorded))]
[JsonSerializable(typeof(RunCompleted))]
[JsonSerializable(typeof(RunFailed))]
[JsonSerializable(typeof(SupervisorStarted))]
[JsonSerializable(typeof(ReplicaSetRecorded))]
[JsonSerializable(typeof(RunRegistered))]
[JsonSerializable(typeof(RunReleased))]
internal sealed partial class OrchestratorJson : JsonSerializerContext;
