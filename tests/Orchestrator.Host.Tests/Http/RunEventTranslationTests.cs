using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Translation;

namespace Orchestrator.Host.Tests.Http;

public sealed class RunEventTranslationTests
{
    private static readonly UnitCompacted Unit = new(
        new DocumentsUnit("shop", "orders"), 2048, 1024, 5, 1, TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(3));

    internal static readonly RunEvent[] All =
    [
        new RunPlanned("r-1", Samples.Plan, Samples.Now),
        new RunStarted(Samples.Now),
        new RunWaiting("window-open", "window nights is closed", Samples.Now),
        new RunWentOn(Samples.Now),
        new RunApproved("bob", Samples.Now),
        new RunPauseRequested("alice", "load test", Samples.Now),
        new RunPaused(Samples.Now),
        new RunResumed("alice", Samples.Now),
        new RunCancelRequested("alice", "", Samples.Now),
        new RunCancelled(Samples.Now),
        new RunThrottled("alice", 1 << 20, Samples.Now),
        new StepPauseOrdered(1, 1, "paused by alice", Samples.Now),
        new StepPaused(1, 1, "paused by alice", Samples.Now) { CopiedBytes = 2048 },
        new StepCancelled(1, "cancelled by alice", Samples.Now),
        new CheckEvaluated(1, new CheckResult("disk-space", false, "too little"), Samples.Now),
        new StepStarted(1, 2, Samples.Now),
        new StepAccepted(1, 2, Samples.Now),
        new StepDownOrdered(2, 1, "node-1", "node-2", Samples.Now),
        new StepRetried(1, 1, "the disk is full", Samples.Now, Samples.Now),
        new StepVerificationStarted(1, 1, Samples.Now) { Units = [Unit] },
        new MemberCompacted(1, "node-2", [Unit], Samples.Now),
        new PrimarySteppedDown(2, "node-1", "node-2", 4, Samples.Now),
        new StepSkipped(3, "not worth it", Samples.Now),
        new StepFailed(3, "gone", Samples.Now),
        new NodeStateRecorded(new NodeStateChanged("main", "rs-1", "node-2", NodeState.Online, NodeState.SteppingDown, "ordered", Samples.Now), Samples.Now),
        new RunCompleted(true, Samples.Now),
        new RunFailed("gone", Samples.Now),
    ];

    [Fact]
    public void Every_event_is_named_as_in_the_journal_and_has_a_sentence()
    {
        var declared = typeof(RunEvent).GetCustomAttributes<JsonDerivedTypeAttribute>()
            .ToDictionary(attribute => attribute.DerivedType, attribute => (string)attribute.TypeDiscriminator!);

        Assert.Equal(declared.Keys.ToHashSet(), All.Select(e => e.GetType()).ToHashSet());
        Assert.All(All, e =>
        {
            var dto = new RecordedRunEvent(7, e).ToDto();
            Assert.Equal(declared[e.GetType()], dto.Type);
            Assert.Equal(7, dto.Sequence);
            Assert.EndsWith(".", e is CheckEvaluated or StepSkipped or StepFailed or RunFailed or RunWaiting or StepPauseOrdered or StepPaused or StepCancelled ? dto.Message + "." : dto.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Sentences_name_nodes_states_and_sizes()
    {
        var messages = All.Select(e => new RecordedRunEvent(1, e).ToDto().Message).ToList();

        Assert.Contains("alice paused it (load test); it stops at the next safe point.", messages);
        Assert.Contains("Step 1 has stopped at its checkpoint, with 2.0 KiB copied: paused by alice", messages);
        Assert.Contains("node-2 is compacted: 1 unit, 1.0 KiB freed.", messages);
        Assert.Contains("Step 1 is compacted; its member is verified and compared with the others.", messages);
        Assert.Equal(
            "node-2 is compacted: 1 unit, 1.0 KiB freed. Verified: sound, 1 collection.",
            new RecordedRunEvent(1, new MemberCompacted(1, "node-2", [Unit], Samples.Now) { Verification = "sound, 1 collection" }).ToDto().Message);
        Assert.Contains("node-1 stepped down; node-2 is primary in term 4.", messages);
        Assert.Contains("node-2 went from online to stepping-down (ordered).", messages);
        Assert.Contains("Check disk-space of step 1 did not pass: too little", messages);
    }

    [Fact]
    public void A_check_that_nobody_can_answer_has_neither_passed_nor_failed()
    {
        var silent = new CheckEvaluated(1, CheckResult.Unanswered("backup-idle", "node-2 does not report whether a backup of it is running"), Samples.Now);

        var dto = new RecordedRunEvent(1, silent).ToDto();

        Assert.Equal("Check backup-idle of step 1 cannot be answered: node-2 does not report whether a backup of it is running", dto.Message);
        Assert.Null(dto.Check!.Passed);
        Assert.Contains("\"check\":{\"check\":\"backup-idle\",\"message\"", JsonSerializer.Serialize(dto, ApiJsonContext.Default.RunEventDto), StringComparison.Ordinal);
    }
}
