using Orchestrator.Core.Tests.Support;

namespace Orchestrator.Core.Tests.Planning;

public class PlannerTests
{
    public static TheoryData<string> Cases => [.. Golden.Files("planner")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plans_are_as_in_the_file(string file)
    {
        var cases = new PlannerCases();
        Golden.Run("planner", file, cases.Execute);
    }
}
