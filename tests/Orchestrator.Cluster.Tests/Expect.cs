using Orchestrator.Host.Demo;

namespace Orchestrator.Cluster.Tests;

/// <summary>What must hold after every demo.</summary>
internal static class Expect
{
    private const double Tolerance = 0.15;

    public static void Success(DemoReport report, string firstPrimary, int nodes = 3, string state = "compacting", bool asEstimated = true)
    {
        Assert.Equal("completed", report.Outcome);
        Assert.Null(report.Failures);
        Assert.Equal(nodes, report.Nodes.Count);
        Order(report, firstPrimary, nodes);
        Assert.Equal(0, report.Client.AcknowledgedWritesLost);
        Assert.Equal(0, report.Client.ReadsFailed);
        Assert.True(report.Client.WritesAcknowledged > 0, "the client wrote nothing");
        Assert.Single(report.Nodes.Select(node => node.Checksum).Distinct());
        Assert.Single(report.Nodes.Select(node => node.Documents).Distinct());
        Assert.All(report.Nodes, node =>
        {
            // What the client has written since the plan was made, and since the member was compacted, comes on top.
            var written = report.Client.WritesAcknowledged * node.BytesFresh / Math.Max(1, node.Documents);
            Near(node.BytesFresh, node.BytesAtEnd, written, $"{node.Node}'s files and a fresh copy");
            if (asEstimated)
            {
                Near(node.BytesFreed, node.BytesEstimated, written, $"{node.Node}'s freed bytes and the estimate");
            }

            Assert.True(node.BytesFreed > 0, $"nothing was freed on {node.Node}");
            Assert.Contains(state, node.States);
            Assert.Equal("online", node.States[^1]);
        });
    }

    /// <summary>All secondaries, then the step-down, then the old primary; no step begins before the one before it has ended.</summary>
    private static void Order(DemoReport report, string firstPrimary, int nodes)
    {
        var steps = report.Steps;
        Assert.Equal(nodes + 1, steps.Count);
        Assert.All(steps.Take(nodes - 1), step =>
        {
            Assert.Equal("compact", step.Kind);
            Assert.NotEqual(firstPrimary, step.Node);
        });
        Assert.Equal(("step-down", firstPrimary), (steps[^2].Kind, steps[^2].Node));
        Assert.Contains(steps[^2].NewPrimary, steps.Take(nodes - 1).Select(step => step.Node));
        Assert.Equal(("compact", firstPrimary), (steps[^1].Kind, steps[^1].Node));
        foreach (var (before, after) in steps.Zip(steps.Skip(1)))
        {
            Assert.True(before.FinishedAt <= after.StartedAt, $"{after.Kind} of {after.Node} began before {before.Kind} of {before.Node} had ended");
        }

        Assert.Equal("primary", report.Nodes.Single(node => node.Node == firstPrimary).RoleBefore);
        Assert.Equal("primary", report.Nodes.Single(node => node.Node == steps[^2].NewPrimary).RoleAfter);
        Assert.Single(report.Nodes, node => node.RoleAfter == "primary");
    }

    private static void Near(long expected, long actual, long written, string what) => Assert.True(
        Math.Abs(actual - expected) <= (Tolerance * expected) + written, $"{what} differ by more than 15 % and the {written} bytes written: {actual} and {expected} bytes");
}
