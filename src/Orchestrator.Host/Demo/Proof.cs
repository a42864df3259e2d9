using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Demo;

/// <summary>What was found on the nodes after the run, and what follows from it.</summary>
internal sealed class Proof
{
    private readonly Dictionary<string, SummaryDto> summaries = [];
    private int lost;

    private Proof()
    {
    }

    /// <summary>Looks for every acknowledged write on every node, and writes the fresh copy.</summary>
    public static async Task<Proof> Take(
        DemoCluster cluster,
        DemoDirectory directory,
        IReadOnlyList<(string Name, string Path)> indexes,
        AcknowledgedWrites writes,
        CancellationToken cancellationToken)
    {
        var proof = new Proof();
        using var fresh = new FreshCopy(directory.FreshCopy, indexes, cluster.Time);
        foreach (var place in cluster.Places)
        {
            var isFirst = place == cluster.Places[0];
            var found = await NodeContents.Read(place.Address, isFirst ? fresh.Add : null, cancellationToken);
            proof.lost = Math.Max(proof.lost, writes.CountLost(found));
            proof.summaries[place.Name] = await cluster.Client(place.Name).Summary(DemoData.Collection, cancellationToken);
        }

        return proof;
    }

    /// <param name="bytesAtEnd">Bytes of a node's files after everything was stopped.</param>
    /// <param name="bytesFresh">The same of the fresh copy.</param>
    public DemoReport Report(
        DemoOptions options,
        RunDto done,
        PlanDto plan,
        ReplicaSetDto before,
        ReplicaSetDto after,
        DemoRun run,
        Workload workload,
        Func<string, long> bytesAtEnd,
        long bytesFresh)
    {
        var nodes = before.Members
            .Select(member => Node(member, done, plan, after, run) with { BytesAtEnd = bytesAtEnd(member.Node), BytesFresh = bytesFresh })
            .ToList();
        var failures = Failures(done, nodes);
        if (options.Kill is not null && run.Killed is null)
        {
            failures.Add("nothing was killed: the run had ended before a running compaction was seen; use more --documents");
        }

        return new DemoReport(
            failures.Count == 0 || done.State == "failed" ? done.State : "failed",
            done.Id,
            [.. done.Steps.Select(Step)],
            nodes,
            workload.Report(lost),
            failures.Count == 0 ? null : failures)
        {
            Killed = run.Killed,
        };
    }

    private List<string> Failures(RunDto done, List<DemoNode> nodes)
    {
        var failures = new List<string>();
        if (done.State == "failed")
        {
            failures.Add($"the run failed: {done.Reason}");
        }

        if (lost > 0)
        {
            failures.Add($"{lost} acknowledged writes are missing on a node");
        }

        if (nodes.Select(node => node.Checksum).Distinct().Count() > 1)
        {
            failures.Add("the nodes' contents differ");
        }

        return failures;
    }

    private DemoNode Node(MemberDto member, RunDto done, PlanDto plan, ReplicaSetDto after, DemoRun run)
    {
        var steps = done.Steps.Where(step => step.Node == member.Node && step.Kind == "compact").ToList();
        var planned = plan.ReplicaSets.SelectMany(set => set.Steps).Where(step => step.Node == member.Node);
        var summary = summaries[member.Node];
        return new DemoNode(
            member.Node,
            member.Role,
            after.Members.First(other => other.Node == member.Node).Role,
            steps.Sum(step => step.BytesBefore),
            steps.Sum(step => step.BytesAfter),
            steps.Sum(step => step.BytesFreed),
            planned.Sum(step => step.BytesFreed ?? 0),
            0,
            0,
            summary.Documents,
            summary.Checksum,
            run.StatesOf(member.Node));
    }

    private static DemoStep Step(StepDto step) => new(
        step.Kind,
        step.Node,
        step.StartedAt,
        step.FinishedAt,
        step.Kind == "compact" ? step.BytesFreed : null,
        step.NewPrimary);
}
