using System.Diagnostics;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded;

namespace Orchestrator.Benchmarks.Planning;

/// <summary>Planning for 1,000 replica sets of 5 members with 200 collections each: 1,000,000 units.</summary>
internal static class BigPlan
{
    private const int Sets = 1000;
    private const int MembersOfSet = 5;
    private const int Collections = 200;
    private const int Repetitions = 3;

    public static IReadOnlyList<Figure> Measure(TextWriter log)
    {
        log.WriteLine($"makes a cluster of {Sets} sets, {MembersOfSet} members each, {Collections} collections each");
        var before = Collected();
        var snapshot = Snapshot(Sets, new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        var snapshotBytes = Collected() - before;
        var request = new CompactionRequest("big", CompactionScope.Everything, CompactionOptions.Default);
        var seconds = new List<double>();
        long bytes = 0;
        for (var i = 0; i < Repetitions; i++)
        {
            var watch = Stopwatch.StartNew();
            var peak = PeakHeap(() => Planner.Plan(snapshot, request, CompactionPolicy.Default), out var result);
            seconds.Add(watch.Elapsed.TotalSeconds);
            bytes = Math.Max(bytes, peak - before);
            var plan = ((PlanResult.Planned)result).Plan;
            log.WriteLine($"planned {plan.Steps.Count()} steps in {seconds[^1]:0.00} s");
        }

        GC.KeepAlive(snapshot);
        var conditions = $"{Sets * MembersOfSet * Collections:N0} units, median of {Repetitions}";
        return
        [
            new Figure("plan-1000000-units", Figure.Median(seconds), "s", "< 5", conditions),
            new Figure("plan-1000000-units-memory", bytes / 1048576.0, "MiB", "< 1024",
                $"largest managed heap while planning, the snapshot of {snapshotBytes / 1048576} MiB in it"),
        ];
    }

    /// <summary>The heap's size is sampled beside the work: what is garbage but not collected yet counts.</summary>
    private static long PeakHeap(Func<PlanResult> plan, out PlanResult result)
    {
        long peak = 0;
        using var stop = new CancellationTokenSource();
        var sampler = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                peak = Math.Max(peak, GC.GetTotalMemory(false));
                stop.Token.WaitHandle.WaitOne(5);
            }
        });
        sampler.Start();
        result = plan();
        stop.Cancel();
        sampler.Join();
        return Math.Max(peak, GC.GetTotalMemory(false));
    }

    /// <summary>A cluster of so many sets, 1,000 units in each.</summary>
    public static ClusterSnapshot Snapshot(int sets, DateTimeOffset now)
    {
        var random = new Random(1);
        var definitions = Enumerable.Range(1, sets)
            .Select(set => new ReplicaSetDefinition($"rs-{set}", [.. Enumerable.Range(1, MembersOfSet).Select(member => $"rs-{set}-node-{member}")]))
            .ToList();
        var names = Enumerable.Range(1, Collections).Select(number => (Database: $"db-{number % 10}", Collection: $"collection-{number}")).ToList();
        var members = definitions
            .SelectMany(set => set.Members.Select((node, i) => new MemberSnapshot(
                Observation(set.Name, node, i == 0 ? MemberRole.Primary : MemberRole.Secondary, set.Members[0], now),
                [.. names.Select(name => Unit(name.Database, name.Collection, random))])))
            .ToList();
        return new ClusterSnapshot(new ClusterDefinition("big", "embedded", definitions), EmbeddedCapabilities.Instance, members, now);
    }

    private static UnitEstimate Unit(string database, string collection, Random random)
    {
        var (file, free) = (random.NextInt64(1L << 20, 1L << 34), random.NextDouble());
        var reclaimable = (long)(file * free);
        return new UnitEstimate(
            new UnitSize(new DocumentsUnit(database, collection), file, file - reclaimable, file), reclaimable, file - reclaimable, TimeSpan.FromSeconds(10));
    }

    private static NodeObservation Observation(string set, string node, MemberRole role, string primary, DateTimeOffset now) => new(
        "big", set, node, $"http://{node}:8080", NodeState.Online, "", role, 1, 1, primary, ReplicationLag.None,
        new DiskSpace(1L << 42, 1L << 43), [], [], now);

    private static long Collected()
    {
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        return GC.GetTotalMemory(true);
    }
}
