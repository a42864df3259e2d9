using Orchestrator.Core.Nodes;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Topology;

public class ReplicaSetScenarioTests
{
    public static TheoryData<string> Cases => [.. Golden.Files("sets")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Replica_sets_decide_as_in_the_file(string file) => Golden.Run("sets", file, new ReplicaSetCases().Execute);

    [Fact]
    public void A_term_is_never_requested_twice()
    {
        var requested = new TermRequested(Some.Set, 3, 1, new TermGoal.Unplanned(""), "", Some.Noon);
        var state = ReplicaSetDecider.Apply(ReplicaSetState.Initial(Some.ThreeMembers), requested);

        Assert.Throws<InvalidOperationException>(() => ReplicaSetDecider.Apply(state, requested));
    }

    [Fact]
    public void Nobody_is_chosen_without_the_promises_of_a_majority()
    {
        var promise = new TermPromised("node-1", Some.Address("node-1"), 1, []);

        Assert.Throws<InvalidOperationException>(() => PrimaryChoice.Choose(
            Some.ThreeMembers, 1, new TermGoal.Unplanned(""), new Dictionary<string, TermPromised> { ["node-1"] = promise }, new HashSet<string>()));
    }
}
