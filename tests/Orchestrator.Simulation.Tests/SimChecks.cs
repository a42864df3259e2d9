using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Simulation.Tests;

/// <summary>What must hold at every moment of every simulated history.</summary>
internal sealed class SimChecks
{
    /// <summary>A run that neither works nor says why not has this long, by its own clock, to do either.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    private readonly Dictionary<(string Set, long Term), string> _appointed = [];
    private readonly Dictionary<(string Set, long Term), string> _leaders = [];
    private readonly List<(string Set, long Term, string Collection, string Id)> _acknowledged = [];
    private readonly HashSet<int> _finished = [];
    private RunState _run = RunState.Initial;
    private DateTimeOffset _heardOfRun;

    public int AcknowledgedWrites => _acknowledged.Count;

    public int Terms => _leaders.Count;

    /// <summary>Members of one replica set that were out at the same time because of a compaction, at most.</summary>
    public int MostCompacting { get; private set; }

    /// <summary>Replica sets in which the run was at work at the same time, at most.</summary>
    public int MostSetsAtWork { get; private set; }

    /// <summary>A supervisor stored an event.</summary>
    public void Stored(SimWorld world, SimSupervisor supervisor, object @event)
    {
        if (@event is RunEvent runEvent)
        {
            Begins(world, runEvent);
            _run = RunDecider.Apply(_run, runEvent);
            _heardOfRun = world.Now;
            AssertPace();
        }

        switch (@event)
        {
            case PrimaryAppointed appointed:
                // Even if both chose the same member: of two majorities of promises in one term one must be wrong.
                var key = (appointed.ReplicaSet, appointed.Appointment.Term);
                Assert.True(
                    _appointed.TryAdd(key, supervisor.Name),
                    $"{supervisor.Name} appoints {appointed.Appointment.Primary} in term {key}, in which {_appointed[key]} has appointed");
                break;
            case MemberCompacted compacted:
                Assert.True(_finished.Add(compacted.Step), $"step {compacted.Step} is finished twice");
                break;
        }
    }

    /// <summary>A member begins to take writes.</summary>
    public void Leads(SimNode node, long term)
    {
        var key = (node.Set.Name, term);
        Assert.True(
            _leaders.TryAdd(key, node.Name) || _leaders[key] == node.Name,
            $"{node.Name} leads term {key}, in which {_leaders[key]} has led");
        AssertHasAcknowledged(node, term);
    }

    /// <summary>A client was told that a majority has its write.</summary>
    public void Acknowledged(SimNode node, long term, string collection, string id)
    {
        Assert.Equal(_leaders[(node.Set.Name, term)], node.Name);
        _acknowledged.Add((node.Set.Name, term, collection, id));
    }

    /// <summary>A member admitted an order to compact.</summary>
    public void Ordered(SimNode node, CompactUnits order) =>
        Assert.True(
            !_finished.Contains(order.Ticket.Step) || node.Compactor.Statuses.Any(status => status.Ticket == order.Ticket)
            || node.Compactor.Statuses.Any(status => order.Ticket.IsOvertakenBy(status.Ticket)),
            $"{node.Name} is to compact for step {order.Ticket.Step}, which is finished");

    public void AfterStep(SimWorld world)
    {
        foreach (var set in world.Sets)
        {
            var compacting = set.Members.Count(name => world.Nodes[name].Compactor.IsRunning);
            MostCompacting = Math.Max(MostCompacting, compacting);
            Assert.True(compacting <= 1, $"{compacting} members of {set.Name} compact at {world.Now:O}");
            Assert.True(
                compacting == 0 || _run is not (PausedRun or EndedRun),
                $"a member of {set.Name} compacts at {world.Now:O} although the run is in {_run.GetType().Name}");
        }

        AssertRunSpeaks(world);
    }

    /// <summary>At the end: in every set one primary, equal contents, nothing acknowledged is missing.</summary>
    public void AssertConverged(SimWorld world)
    {
        foreach (var set in world.Sets)
        {
            var nodes = set.Members.Select(name => world.Nodes[name]).ToList();
            var leader = Assert.Single(nodes, node => node.State is LeadingMember);
            foreach (var node in nodes)
            {
                AssertHasAcknowledged(node, long.MaxValue);
                foreach (var collection in SimNode.Collections)
                {
                    Assert.Equal(leader.Logs[collection], node.Logs[collection]);
                }
            }
        }
    }

    /// <summary>What must hold before anything is begun.</summary>
    private void Begins(SimWorld world, RunEvent @event)
    {
        if (@event is not (StepStarted or StepDownOrdered))
        {
            return;
        }

        Assert.True(
            world.Gate.Window.Open && world.Gate.Frozen.Length == 0,
            $"{@event.GetType().Name} while the window is shut or everything is frozen");
        if (@event is StepDownOrdered order && _run is ExistingRun run && run.Steps[order.Step - 1].Step is StepDownStep step)
        {
            Assert.All(
                run.Steps.Where(state => state.Step is CompactMemberStep && state.Step.ReplicaSet == step.ReplicaSet && state.Step.Number < step.Number),
                state => Assert.True(
                    state is CompactedStep or SkippedStep || (state is FailedStep && run.Plan.Request.Options.OnFailure == FailurePolicy.Continue),
                    $"{step.Node} steps down for step {step.Number} although step {state.Step.Number} is {state.GetType().Name}"));
        }
    }

    private void AssertPace()
    {
        if (_run is not ExistingRun run)
        {
            return;
        }

        var atWork = run.Steps.Where(step => step.IsActive).Select(step => step.Step.ReplicaSet).ToList();
        Assert.Distinct(atWork);
        MostSetsAtWork = Math.Max(MostSetsAtWork, atWork.Count);
        var limit = run.Plan.Request.Options.MaxParallelReplicaSets;
        Assert.True(atWork.Count <= limit, $"{string.Join(", ", atWork)} are at work at the same time; {limit} may be");
    }

    /// <summary>While somebody looks after it, a run works, waits for something that it names, or has ended.</summary>
    private void AssertRunSpeaks(SimWorld world)
    {
        var speaks = _run switch
        {
            NoRun or EndedRun or PausedRun => true,
            WaitingRun waiting => waiting.For.Length > 0 && waiting.Reason.Length > 0,
            ExistingRun run => run.Steps.Exists(step => step.IsActive),
            _ => throw new InvalidOperationException($"unknown state {_run.GetType().Name}"),
        };
        if (speaks || !world.Supervisors.Exists(supervisor => supervisor.IsAlive && supervisor.HasSeenAll))
        {
            _heardOfRun = world.Now;
        }

        Assert.True(
            world.Now - _heardOfRun <= LongestSilence,
            $"the run is {_run.GetType().Name}, does nothing for {(world.Now - _heardOfRun).TotalSeconds} s and does not say why");
    }

    private void AssertHasAcknowledged(SimNode node, long beforeTerm)
    {
        foreach (var group in _acknowledged
            .Where(write => write.Set == node.Set.Name && write.Term < beforeTerm)
            .GroupBy(write => write.Collection))
        {
            var present = node.Logs[group.Key].Select(entry => entry.Id).ToHashSet();
            var lost = group.Where(write => !present.Contains(write.Id)).Select(write => $"{write.Id} of term {write.Term}").ToList();
            Assert.True(lost.Count == 0, $"{node.Name} lacks acknowledged writes in {group.Key}: {string.Join(", ", lost)}");
        }
    }
}
