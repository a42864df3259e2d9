using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Simulation.Tests;

/// <summary>What must hold at every moment of every simulated history.</summary>
internal sealed class SimChecks(ReplicaSetDefinition set)
{
    private readonly Dictionary<long, string> _appointed = [];
    private readonly Dictionary<long, string> _leaders = [];
    private readonly List<(long Term, string Collection, string Id)> _acknowledged = [];
    private readonly HashSet<int> _finished = [];
    private RunState _run = RunState.Initial;

    public int AcknowledgedWrites => _acknowledged.Count;

    public int Terms => _leaders.Count;

    /// <summary>Members that were out at the same time because of a compaction, at most.</summary>
    public int MostCompacting { get; private set; }

    /// <summary>A supervisor stored an event.</summary>
    public void Stored(SimWorld world, SimSupervisor supervisor, object @event)
    {
        if (@event is RunEvent runEvent)
        {
            Assert.True(
                runEvent is not (StepStarted or StepDownOrdered) || (world.Gate.Window.Open && world.Gate.Frozen.Length == 0),
                $"{runEvent.GetType().Name} while the window is shut or everything is frozen");
            _run = RunDecider.Apply(_run, runEvent);
        }

        switch (@event)
        {
            case PrimaryAppointed appointed:
                // Even if both chose the same member: of two majorities of promises in one term one must be wrong.
                var term = appointed.Appointment.Term;
                Assert.True(
                    _appointed.TryAdd(term, supervisor.Name),
                    $"{supervisor.Name} appoints {appointed.Appointment.Primary} in term {term}, in which {_appointed[term]} has appointed");
                break;
            case MemberCompacted compacted:
                Assert.True(_finished.Add(compacted.Step), $"step {compacted.Step} is finished twice");
                break;
        }
    }

    /// <summary>A member begins to take writes.</summary>
    public void Leads(SimNode node, long term)
    {
        Assert.True(
            _leaders.TryAdd(term, node.Name) || _leaders[term] == node.Name,
            $"{node.Name} leads term {term}, in which {_leaders[term]} has led");
        AssertHasAcknowledged(node, term);
    }

    /// <summary>A client was told that a majority has its write.</summary>
    public void Acknowledged(SimNode node, long term, string collection, string id)
    {
        Assert.Equal(_leaders[term], node.Name);
        _acknowledged.Add((term, collection, id));
    }

    /// <summary>A member admitted an order to compact.</summary>
    public void Ordered(SimNode node, CompactUnits order) =>
        Assert.True(
            !_finished.Contains(order.Ticket.Step) || node.Compactor.Statuses.Any(status => status.Ticket == order.Ticket)
            || node.Compactor.Statuses.Any(status => order.Ticket.IsOvertakenBy(status.Ticket)),
            $"{node.Name} is to compact for step {order.Ticket.Step}, which is finished");

    public void AfterStep(SimWorld world)
    {
        var compacting = world.Nodes.Values.Count(node => node.Compactor.IsRunning);
        MostCompacting = Math.Max(MostCompacting, compacting);
        Assert.True(compacting <= 1, $"{compacting} members of {set.Name} compact at {world.Now:O}");
        Assert.True(
            compacting == 0 || _run is not (PausedRun or EndedRun),
            $"a member compacts at {world.Now:O} although the run is in {_run.GetType().Name}");
    }

    /// <summary>At the end: one primary, equal contents, nothing acknowledged is missing.</summary>
    public void AssertConverged(SimWorld world)
    {
        var leader = Assert.Single(world.Nodes.Values, node => node.State is LeadingMember);
        foreach (var node in world.Nodes.Values)
        {
            AssertHasAcknowledged(node, long.MaxValue);
            foreach (var collection in SimNode.Collections)
            {
                Assert.Equal(leader.Logs[collection], node.Logs[collection]);
            }
        }
    }

    private void AssertHasAcknowledged(SimNode node, long beforeTerm)
    {
        foreach (var group in _acknowledged.Where(write => write.Term < beforeTerm).GroupBy(write => write.Collection))
        {
            var present = node.Logs[group.Key].Select(entry => entry.Id).ToHashSet();
            var lost = group.Where(write => !present.Contains(write.Id)).Select(write => $"{write.Id} of term {write.Term}").ToList();
            Assert.True(lost.Count == 0, $"{node.Name} lacks acknowledged writes in {group.Key}: {string.Join(", ", lost)}");
        }
    }
}
