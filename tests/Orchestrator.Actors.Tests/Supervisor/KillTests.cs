using System.Collections.Concurrent;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Tests.Support;
using Orchestrator.Storage.Compaction;

namespace Orchestrator.Actors.Tests.Supervisor;

/// <summary>The supervisor dies at every event of a run: whatever a member is at is watched by the next one, never begun a second time.</summary>
public sealed class KillTests : SupervisorFixture
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly ConcurrentBag<string> begun = [];
    private readonly ConcurrentDictionary<string, bool> held = new();
    private readonly SemaphoreSlim gate = new(0);

    [Fact]
    public async Task The_supervisor_is_killed_at_every_event_and_each_member_is_compacted_once()
    {
        Nodes = new TestNodes(Sys, 3, options => options with
        {
            Storage = options.Storage with { CopyBatchBytes = 20_000, Failpoint = point => OnFailpoint(options.Node, point) },
        });
        StartSupervisor();
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 300, keepEvery: 2);
        await AskAsync<RunView>(new StartRun("run-a", Everything));

        var events = new List<RunEvent>();
        var kills = new HashSet<string>();
        using var patience = new CancellationTokenSource(Patience * 2);
        RunView run;
        do
        {
            var batch = await AskAsync<RunEventBatch>(new ReadRunEvents("run-a", events.Count, TimeSpan.FromSeconds(1)));
            run = batch.Run;
            var happened = batch.Events.Select(recorded => recorded.Event).ToList();
            events.AddRange(happened);
            Assert.False(patience.IsCancellationRequested, $"the run never ended: {run.State} {run.Reason}\n{string.Join('\n', events.Skip(1))}");

            // A step-down whose every order dies with its supervisor never happens: once is enough of that.
            var isSteppingDown = events.LastOrDefault(one => one is StepDownOrdered or PrimarySteppedDown) is StepDownOrdered;
            if (happened.Count > 0 && !(isSteppingDown && kills.Contains(nameof(StepDownOrdered))))
            {
                kills.UnionWith(isSteppingDown ? [nameof(StepDownOrdered), happened[^1].GetType().Name] : [happened[^1].GetType().Name]);
                await KillSupervisorAsync();
                StartSupervisor();
            }

            if (happened.Any(one => one is StepAccepted { Advanced: false }))
            {
                // The next reign has seen the member at work before it goes on.
                await AwaitSetAsync(set => set.Members.Any(member => member.Observation.State == NodeState.Compacting));
                gate.Release();
            }
        }
        while (run.FinishedAt is null);

        Assert.Equal(("completed", ""), (run.State, run.Reason));
        Assert.Superset(new HashSet<string> { nameof(StepStarted), nameof(StepAccepted), nameof(MemberCompacted) }, kills);
        Assert.Equal(Nodes.Names, begun.Order(StringComparer.Ordinal));
        var compacted = run.Steps.Where(step => step.Kind == "compact").ToList();
        Assert.Equal(3, compacted.Count);
        var epoch = await EpochAsync();
        foreach (var step in compacted)
        {
            var known = (await Nodes.ObserveAsync(step.Node, epoch)).Compactions;
            Assert.Equal(new CompactionTicket("run-a", step.Number, 1), Assert.IsType<CompactionSucceeded>(Assert.Single(known)).Ticket);
            Assert.True(step.BytesFreed > 0, $"{step.Node} has freed nothing");
        }
    }

    protected override void AfterAll()
    {
        gate.Release(3);
        base.AfterAll();
        gate.Dispose();
    }

    /// <summary>The documents' copy is counted, and held after its first piece until it is let go.</summary>
    private void OnFailpoint(string node, string point)
    {
        if (point == Failpoints.CopyCreated)
        {
            begun.Add(node);
        }
        else if (point == Failpoints.BatchCopied && held.TryAdd(node, true))
        {
            gate.Wait(Patience);
        }
    }
}
