using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Members;
using Orchestrator.Actors.Serialization;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Tests.Members;

/// <summary>What is told of the calls to a driver: spans and counts.</summary>
public sealed class DriverTraceTests() : TestKit(OrchestratorSerialization.Config)
{
    private readonly ScriptedCluster _cluster = new(new ReplicaSetDefinition("rs1", ["m1", "m2"]));

    [Fact]
    public async Task Calls_for_a_step_are_spans_below_it_in_the_trace_of_the_run_and_polls_are_counted()
    {
        const string run = "run-of-driver-trace-tests";
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RunTrace.WorkSource,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        Sys.EventStream.Subscribe(TestActor, typeof(JobPolled));
        var member = Sys.ActorOf(MemberActor.Props(_cluster, ["rs1"], "m1", TimeProvider.System));
        var order = new CompactUnits(1, new CompactionTicket(run, 3, 1), [new DatabaseUnit("db")], new CompactionSettings("squeeze", Force: false, 0, ""));

        var began = await member.Ask<CompactionRunning>(order);
        _cluster["m1"].End(began.Job!, new JobStatus.Succeeded([]));
        var polls = await FishForMessageAsync<JobPolled>(polled => polled.Outcome == "succeeded", TimeSpan.FromSeconds(60));
        await member.Ask<PrimaryTransferred>(new TransferPrimary(1, "rs1", "m1", "m2") { Ticket = new CompactionTicket(run, 4, 1) });
        await member.Ask<PrimaryTransferred>(new TransferPrimary(1, "rs1", "m1", "m2"));

        Assert.Equal(("c1", "scripted"), (polls.Cluster, polls.Engine));
        var found = spans.Where(span => span.TraceId == RunTrace.Of(run)).ToList();
        Assert.Equal(["claim cluster", "poll job", "start job", "step down"], found.Select(span => span.OperationName).Distinct().Order(StringComparer.Ordinal));
        Assert.All(found, span => Assert.Equal(RunTrace.Step(run, span.OperationName == "step down" ? 4 : 3).SpanId, span.ParentSpanId));
        Assert.All(found, span => Assert.Equal("m1", span.GetTagItem("orchestrator.member")));
        Assert.Single(found, span => span.OperationName == "step down");
    }
}
