using Orchestrator.Core.Planning;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Web.Parts;

namespace Orchestrator.Web.Tests;

/// <summary>What people enter for a plan is read as the API reads it.</summary>
public sealed class PlanFormTests
{
    [Fact]
    public void An_empty_form_asks_for_everything()
    {
        var (body, problem) = new PlanForm().Read("main", EngineProviders.All);

        Assert.Null(problem);
        Assert.Equal(("main", null, null, null), (body!.Cluster, body.Scope!.Collections, body.Options!.Mode, body.Window));
    }

    [Fact]
    public void Each_line_is_a_name_and_named_indexes_leave_the_documents_out()
    {
        var form = new PlanForm { Collections = " a,b/c \n\nd/e\n", Indexes = "by-city", Rate = "20MiB", Gain = "1MiB", Window = "nights", NeedsApproval = true };

        var (body, _) = form.Read("main", EngineProviders.All);

        Assert.Equal(["a,b/c", "d/e"], body!.Scope!.Collections!);
        Assert.Equal(["by-city"], Assert.IsType<IndexSelection.NamedIndexes>(body.Scope.Indexes).Names);
        Assert.Equal(1L << 20, body.Options!.MinReclaimableBytes);
        Assert.Equal((false, 20L << 20, "nights", true), (body.Scope.Documents, body.Options!.MaxBytesPerSecond, body.Window, body.NeedsApproval));
    }

    [Fact]
    public void Every_error_is_told_with_its_field()
    {
        var (body, problem) = new PlanForm { Rate = "fast", Comment = new string('c', 2000) }.Read("main", EngineProviders.All);

        Assert.Null(body);
        Assert.Equal(["options.maxBytesPerSecond", "options.comment"], problem!.Errors!.Select(error => error.Field));
        Assert.StartsWith("Rate limit: ", problem.Detail, StringComparison.Ordinal);
        Assert.Contains("; Comment: ", problem.Detail, StringComparison.Ordinal);
    }
}
