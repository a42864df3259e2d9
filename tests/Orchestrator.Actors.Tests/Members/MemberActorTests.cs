using Akka.Actor;
using Orchestrator.Actors.Members;
using Orchestrator.Actors.Serialization;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Actors.Tests.Members;

public sealed class MemberActorTests() : PatientTestKit(OrchestratorSerialization.Config)
{
    private readonly ScriptedCluster _cluster = new(new ReplicaSetDefinition("rs1", ["m1", "m2"]));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [InlineData(null)]
    public async Task What_a_member_tells_of_its_backups_is_shown_as_it_is(bool? running)
    {
        _cluster["m1"].Seen = _cluster["m1"].Seen with { BackupRunning = running };

        var seen = await Start("m1").Ask<NodeObservation>(new ObserveNode(1));

        Assert.Equal(running, seen.BackupRunning);
    }

    [Fact]
    public async Task What_a_member_can_do_is_told_with_each_look_at_it()
    {
        _cluster["m1"].Seen = _cluster["m1"].Seen with { Version = "4.2", Capabilities = ScriptedCluster.Can with { Modes = ["squash"] } };

        var seen = await Start("m1").Ask<NodeObservation>(new ObserveNode(1));

        Assert.Equal(["squash"], seen.Capabilities!.Modes);
    }

    [Fact]
    public async Task A_member_of_several_sets_hands_its_role_over_in_each_of_them_and_in_no_other()
    {
        var member = Start("m1");

        Assert.Equal("rs2", (await member.Ask<PrimaryTransferred>(new TransferPrimary(1, "rs2", "m1", "m2"))).ReplicaSet);
        Assert.Equal(RefusalCode.Invalid, (await member.Ask<CommandRefused>(new TransferPrimary(1, "rs3", "m1", "m2"))).Code);
    }

    [Fact]
    public async Task A_member_of_several_sets_has_as_many_jobs_as_its_engine_lets_it_and_tells_of_each()
    {
        _cluster["m1"].Seen = _cluster["m1"].Seen with
        {
            Capabilities = ScriptedCluster.Can with { Options = [new(OptionCheck.MaxJobsPerMember, EngineOptionKind.Integer, "") { Least = 1, Most = 2 }] },
        };
        var member = Start("m1");
        await member.Ask<NodeObservation>(new ObserveNode(1));

        Assert.Equal(new JobId("m1-1"), (await member.Ask<CompactionRunning>(Order(4))).Job);
        Assert.Equal(new JobId("m1-2"), (await member.Ask<CompactionRunning>(Order(1))).Job);
        Assert.Equal(RefusalCode.Busy, (await member.Ask<CommandRefused>(Order(7))).Code);
        _cluster["m1"].End(new JobId("m1-1"), new JobStatus.Succeeded([]));

        await AwaitAssertAsync(
            async () => Assert.Equal(
                [typeof(CompactionSucceeded), typeof(CompactionRunning)],
                (await member.Ask<NodeObservation>(new ObserveNode(1))).Compactions.Select(status => status.GetType())),
            TimeSpan.FromSeconds(60));
        Assert.Equal(new JobId("m1-3"), (await member.Ask<CompactionRunning>(Order(7))).Job);
    }

    [Fact]
    public async Task The_end_of_a_job_is_told_to_whoever_ordered_it()
    {
        var run = CreateTestProbe();
        Start("m1").Tell(Order(1), run);
        await run.ExpectMsgAsync<CompactionRunning>(TimeSpan.FromSeconds(60));

        _cluster["m1"].End(new JobId("m1-1"), new JobStatus.Succeeded([]));

        Assert.Equal(Order(1).Ticket, (await run.ExpectMsgAsync<CompactionSucceeded>(TimeSpan.FromSeconds(60))).Ticket);
    }

    private static CompactUnits Order(int step) =>
        new(1, new CompactionTicket("run-1", step, 1), [new DatabaseUnit($"db-{step}")], new CompactionSettings("squeeze", Force: false, 0, ""));

    private IActorRef Start(string member) => Sys.ActorOf(MemberActor.Props(_cluster, ["rs1", "rs2"], member, TimeProvider.System));
}
