using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Web.Tests;

/// <summary>Answers every question of the page about one cluster with a run at work.</summary>
internal static class ScriptedSupervisor
{
    public const string Run = "20260131-221500-000001";

    public static object Answer(ISupervisorRequest request) => request switch
    {
        ListClusters => new ClusterList([Samples.View]),
        GetCluster => Samples.View,
        ListRuns => new RunPage([RunSummary.Of(RunView())], ""),
        ListFreezes => new FreezeList([new Freeze("", "ann", "a release", Samples.Now, null)]),
        ListSchedules => new ScheduleList(
            [new ScheduleView("weekly", true, ["*"], ["would free at least 64 MiB"], ["nights"], "the window is closed", [Samples.Now], "", null)
            {
                Expected = new ExpectedRun(Run, TimeSpan.FromHours(4)),
                Warning = $"it cannot finish in one opening at the speed seen: run {Run} worked for 4h, the next opening lasts 2h",
            }])
        {
            Windows = ["nights"],
        },
        ListHolds => new HoldList([new HoldView(new Hold(Samples.Cluster, "upgrader", "an upgrade", ["node-2"], "ann", Samples.Now, Samples.Now), [])]),
        GetStorageReport => Samples.Report,
        MakePlan => new PlanMade(Samples.Plan),
        ReadRunEvents { After: 0 } => new RunEventBatch([new RecordedRunEvent(1, new RunStarted(Samples.Now))], RunView()),
        ReadRunEvents or IRunControl or GetRun => request is ReadRunEvents ? new RunEventBatch([], RunView()) : RunView(),
        ExplainUnits => new Explanation(
            Samples.Cluster,
            Samples.Now,
            "nothing is planned",
            [new UnitExplanation("node-1", Samples.Documents.Size.Unit, null, 600, 0.6, "no schedule covers it", "nothing", null)]),
        ReadAudit => new AuditTrail(
        [
            new AuditEntry(3, Samples.Now, "bob", "start-run", Samples.Cluster, "20260131-221600-000002", "") { Outcome = AuditEntry.Refused, Refusal = "it is frozen" },
            new AuditEntry(2, Samples.Now, "ann", "freeze", "", "", "a release") { Outcome = AuditEntry.Accepted },
            new AuditEntry(1, Samples.Now, "ann", "start-run", Samples.Cluster, Run, "") { Outcome = AuditEntry.Accepted },
        ]),
        _ => throw new InvalidOperationException($"nobody expected {request}"),
    };

    public static RunView RunView(string state = "running")
    {
        var run = Samples.Run(Run, state);
        return run with { Steps = [.. run.Steps.Select(step => step with { Checks = [new CheckView("disk-space", true, "enough is free", Samples.Now)] })] };
    }
}
