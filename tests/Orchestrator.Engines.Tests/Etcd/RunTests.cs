using Orchestrator.Core.Runs;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.Etcd;

/// <summary>Whole runs on a real cluster of three members.</summary>
public sealed class RunTests
{
    [SkippableTheory]
    [InlineData("m1")]
    [InlineData("m2")]
    [InlineData("m3")]
    public async Task Followers_come_first_then_leadership_moves_to_one_that_is_done_then_the_old_leader(string first)
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(3);
        await etcd.Fragment(8);
        await etcd.MoveLeaderTo(etcd[first]);
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd));

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        var steps = ended.Run.Steps;
        Assert.Equal(["compact", "compact", "step-down", "compact"], steps.Select(step => step.Kind));
        Assert.DoesNotContain(first, steps.Take(2).Select(step => step.Node));
        Assert.Equal(first, steps[2].Node);
        Assert.Equal(first, steps[3].Node);
        Assert.Contains(steps[2].NewPrimary, steps.Take(2).Select(step => step.Node));
        Assert.Equal(steps[2].NewPrimary, (await etcd.AwaitLeader()).Name);
        Assert.All(steps.Where(step => step.Kind == "compact"), step => Assert.True(
            step.BytesAfter < step.BytesBefore / 2, $"{step.Node} went from {step.BytesBefore} to {step.BytesAfter} bytes"));
        foreach (var member in etcd.Members)
        {
            var status = await etcd.Status(member);
            Assert.True(status.DbSize < 4 << 20, $"{member.Name} still has {status.DbSize} bytes");
        }

        var working = ended.Events.Select(recorded => recorded.Event).Where(happened => happened is StepStarted or MemberCompacted or PrimarySteppedDown).ToList();
        Assert.Equal(working, working.OrderBy(happened => happened.At));
    }
}
