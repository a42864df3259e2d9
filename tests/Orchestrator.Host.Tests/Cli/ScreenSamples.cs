using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Cli;

/// <summary>Answers with names, reasons and comments as long as people make them.</summary>
internal static class ScreenSamples
{
    private const string Run = "20260131-221500-3fa9c1";
    private const string Comment = "a long comment about why somebody wanted this run to happen before the month's end, ticket 4711";

    private static readonly DateTimeOffset Now = Samples.Now;

    private static readonly UnitEstimate Large = new(
        new UnitSize(new DocumentsUnit("shop", "customers-of-the-north"), 9_400_000_000, 3_200_000_000, 9_400_000_000), 6_200_000_000, 3_900_000_000, TimeSpan.FromMinutes(12));

    private static readonly UnitEstimate Index = new(
        new UnitSize(new IndexUnit("shop", "orders", "by-city"), 872_000, 360_000, 872_000), 0, 400_000, TimeSpan.FromSeconds(1));

    private static readonly CompactionPlan Plan = new(
        Samples.Request with { Options = CompactionOptions.Default with { Comment = Comment } },
        [
            new ReplicaSetPlan(
                "rs-1",
                "node-1",
                [
                    new CompactMemberStep(1, "rs-1", "node-2", "secondary, would free 5.8 GiB: before the primary, largest gain first", MemberRole.Secondary, [Large, Index]),
                    new StepDownStep(2, "rs-1", "node-1", "node-1 is primary and must not be primary while it compacts; node-2 is the best successor", ["node-2"]),
                    new CompactMemberStep(3, "rs-1", "node-1", "old primary, would free 5.8 GiB: after it has stepped down", MemberRole.Primary, [Large]),
                ],
                [
                    new SkippedUnit("node-3", "*", "it cannot be reached since 2026-01-31 21:58:12Z; a member that is away is never compacted"),
                    new SkippedUnit("node-1", "shop/orders#by-city", "nothing to free"),
                ])
            {
                Unanswered = [CheckResult.Unanswered("backup-idle", "node-2, node-1 do not report whether a backup of them is running")],
            },
        ],
        Now);

    private static readonly RunView Waiting = new(
        Run,
        "waiting",
        "window nights is closed; next open at Sat 2026-02-07 22:00 Europe/Berlin",
        Plan,
        [
            new StepView(1, "rs-1", "compact", "node-2", "completed", "", 1, 1, 6_200_000_000, 0, 0, "", [], Now, Now.AddMinutes(11)),
            new StepView(2, "rs-1", "step-down", "node-1", "waiting", "node-2 is 1,204 changes behind, more than the limit of 1,000; the run continues below 500", 1, 0, 0, 0, 0, "", [], null, null),
            new StepView(3, "rs-1", "compact", "node-1", "pending", "", 0, 0, 0, 0, 0, "", [], null, null),
        ],
        0,
        Now,
        null)
    {
        Origin = new RunOrigin("the-person-on-duty@example.org", "", "nights", true),
        WaitingFor = "window-open",
        Since = Now.AddMinutes(12),
    };

    private static readonly RunView Ended = Waiting with
    {
        Id = "nightly-20260130-220000",
        State = "completed-with-skips",
        Reason = "",
        WaitingFor = "",
        CreatedAt = Now.AddDays(-1),
        FinishedAt = Now.AddDays(-1).AddHours(2),
    };

    private static readonly HoldView Held = new(
        new Hold("main", "node-2", "the pod stops", ["node-2"], "percona-operator", Now, Now.AddMinutes(10)), [new HeldWork("node-1", Run, 3)]);

    public static object Answer(ISupervisorRequest request) => request switch
    {
        ListClusters => new ClusterList([View]),
        GetCluster { Cluster: "main" } => View,
        GetCluster other => Samples.Failed(FailureCode.NotFound, $"there is no cluster '{other.Cluster}'; known: main"),
        GetStorageReport => new StorageReport(
            "main",
            [
                new NodeInventory("node-1", "rewrite", EmbeddedCapabilities.Instance, [Large, Index], Now),
                new NodeInventory("node-2", "rewrite", EmbeddedCapabilities.Instance, [Large, Index], Now),
            ],
            ["node-3"],
            Now)
        {
            LastCompactions =
            [
                new UnitLastCompaction(
                    "node-1", Large.Size.Unit, new LastCompaction("nightly-20260130-220000", Now.AddDays(-1), 6_100_000_000, TimeSpan.FromMinutes(11), "completed") { BytesGrown = 420_000_000 }),
            ],
        },
        MakePlan => new PlanMade(Plan),
        ListRuns list => RunPage.Of([Waiting, Ended], list),
        GetRun { RunId: Run } => Waiting,
        GetRun unknown => Samples.Failed(FailureCode.NotFound, $"there is no run '{unknown.RunId}'"),
        ApproveRun => Samples.Failed(FailureCode.Refused, $"the-person-on-duty@example.org started run {Run}; another person must approve it"),
        ListFreezes or StartFreeze or LiftFreeze => new FreezeList(
        [
            new Freeze("", "the-person-on-duty@example.org", "the release team is at work until Monday morning and wants no surprises", Now, Now.AddDays(2)),
            new Freeze("main", "ann", "incident 4711", Now, null),
        ]),
        ListHolds or ReleaseHold => new HoldList(
        [
            Held with { Working = [] },
            Held with { Hold = Held.Hold with { Owner = "rollout-of-image-4.2", Members = [], Reason = "all members are restarted one after another with the new image" } },
        ]),
        PlaceHold => Held,
        ListSchedules => new ScheduleList([Schedule]),
        ReadAudit => new AuditTrail(
        [
            new AuditEntry(3, Now.AddMinutes(2), "ann", "lift-freeze", "main", "", ""),
            new AuditEntry(2, Now.AddMinutes(1), "schedule nightly", "missed-windows", "", "nightly", "2 since the last one: no supervisor ran, or everything was frozen"),
            new AuditEntry(1, Now, "the-person-on-duty@example.org", "start-run", "main", Run, Comment),
        ]),
        ExplainUnits => new Explanation(
            "main",
            Now,
            $"run {Run} is waiting (window nights is closed; next open at Sat 2026-02-07 22:00 Europe/Berlin); schedule nightly: windows nights, second-saturday are closed; "
            + "next open at Sat 2026-02-07 22:00 Europe/Berlin",
            [
                new UnitExplanation(
                    "node-1",
                    Large.Size.Unit,
                    new LastCompaction("nightly-20260130-220000", Now.AddDays(-1), 6_100_000_000, TimeSpan.FromMinutes(11), "completed") { BytesGrown = 420_000_000 },
                    6_200_000_000,
                    0.65,
                    $"it is planned in run {Run}, step 3: window nights is closed; next open at Sat 2026-02-07 22:00 Europe/Berlin",
                    $"run {Run} compacts it in step 3",
                    Now.AddDays(7)),
                new UnitExplanation("node-2", Index.Size.Unit, null, 0, 0.59, "schedule nightly: nothing to free", "schedule nightly compacts it when its rules hold", null),
            ]),
        _ => throw new InvalidOperationException($"nobody expected {request}"),
    };

    private static ClusterView View { get; } = Samples.View with
    {
        ReplicaSets =
        [
            Samples.View.ReplicaSets[0] with
            {
                Members =
                [
                    .. Samples.View.ReplicaSets[0].Members.Take(2),
                    Samples.View.ReplicaSets[0].Members[2] with
                    {
                        Observation = Samples.View.ReplicaSets[0].Members[2].Observation with
                        {
                            State = NodeState.Unreachable,
                            Reason = "it has not answered since 2026-01-31 21:58:12Z",
                        },
                    },
                ],
            },
        ],
    };

    private static ScheduleView Schedule { get; } = new(
        "nightly",
        true,
        ["main", "shop-*"],
        ["would free at least 1 GiB", "at least 25 % fragmented", "waits 1d to 30d after freeing next to nothing", "at most 20 collections in a run, the largest gain first"],
        ["nights: SAT-22:00..SUN-04:00, MON-22:00..TUE-04:00 (Europe/Berlin), not 2026-12-24..2026-12-26", "second-saturday: cron 0 0 2 ? * SAT#2 for 4h (UTC)"],
        "windows nights, second-saturday are closed; next open at Sat 2026-02-07 22:00 Europe/Berlin",
        [Now.AddDays(7), Now.AddDays(9)],
        "nightly-20260130-220000",
        Now.AddDays(-1))
    {
        Expected = new ExpectedRun("nightly-20260130-220000", TimeSpan.FromHours(7)),
        Warning = "it cannot finish in one opening at the speed seen: run nightly-20260130-220000 worked for 7h, the next opening lasts 6h",
    };
}
