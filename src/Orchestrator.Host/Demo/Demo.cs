using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Documents;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Demo;

/// <summary>
/// The product's main job on real processes: start nodes, fill them, delete most of it, compact node by node while a
/// client works on, and prove that nothing was lost.
/// </summary>
internal sealed class Demo(DemoOptions options, IDemoDisplay display, TimeProvider time)
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan CatchUpTimeout = TimeSpan.FromMinutes(2);

    private readonly AcknowledgedWrites writes = new();

    /// <summary>
    /// Runs all of it. Whatever happens, no process is left behind, and no file unless it shall be kept: after a failure the nodes' logs.
    /// </summary>
    /// <exception cref="DemoException">It failed; the message says where the logs are.</exception>
    public async Task<DemoReport> Run(CancellationToken cancellationToken)
    {
        using var directory = DemoDirectory.Create(options);
        directory.RequireSpace(DataBytes(), options.Nodes);
        try
        {
            return await Run(directory, cancellationToken);
        }
        catch (Exception e) when (e is DemoException or TimeoutException or ServerUnreachableException or ApiException)
        {
            var more = options.Keep ? "" : " With --keep all files stay.";
            throw new DemoException($"{e.Message.TrimEnd('.')}. The logs of the nodes are in {directory.KeepLogs()}.{more}", e);
        }
    }

    private async Task<DemoReport> Run(DemoDirectory directory, CancellationToken cancellationToken)
    {
        display.Phase($"Starting {options.Nodes} database nodes in {directory.Path}");
        await using var cluster = DemoCluster.Start(directory, options.Nodes, time);
        var before = await cluster.WaitUntilReady(StartTimeout, cancellationToken);
        display.Note($"{before.Primary} is primary in term {before.Term}. Watch it in a browser while it runs: {cluster.Places[0].Address}");

        var indexes = await Fill(cluster, cancellationToken);
        before = await MovePrimary(cluster, before, cancellationToken);

        display.Phase("Plan");
        var run = new DemoRun(cluster, options, display);
        var plan = await run.Plan(cancellationToken);
        display.Plan(plan);

        display.Phase("Compacting, while a client reads and writes");
        await using var workload = new Workload(
            [.. cluster.Places.Select(place => place.Address)], DemoData.Collection, writes, [.. writes.LiveIds], time);
        workload.Start(cancellationToken);
        var done = await run.Execute(plan, workload, cancellationToken);
        await workload.Stop();

        display.Phase("Verifying");
        await WaitUntilEqual(cluster, cancellationToken);
        var proof = await Proof.Take(cluster, directory, indexes, writes, cancellationToken);
        var after = await cluster.WaitUntilReady(StartTimeout, cancellationToken);
        await cluster.Stop();
        var report = proof.Report(
            options,
            done,
            plan,
            before,
            after,
            run,
            workload,
            place => FreshCopy.Measure(directory.DataOf(place), options.Mode),
            FreshCopy.Measure(directory.FreshCopy, options.Mode));
        if (options.Keep)
        {
            display.Note($"The files stay in {directory.Path}. Serve them again with orchestrator serve --config {Path.Combine(directory.Path, "NODE", "node.conf")} "
                + $"for each node; the web page is then at {cluster.Places[0].Address}");
        }

        display.Finish(report, done);
        if (report.Outcome == "failed")
        {
            display.Note($"The logs of the nodes are in {directory.KeepLogs()}.");
        }

        return report;
    }

    private long DataBytes()
    {
        if (options.Input is not { } file)
        {
            return (long)options.Documents * DocumentGenerator.AverageBytes;
        }

        try
        {
            return new FileInfo(file).Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileException($"{file} cannot be read: {FileProblem.Of(e, file)}.", e);
        }
    }

    private async Task<IReadOnlyList<(string Name, string Path)>> Fill(DemoCluster cluster, CancellationToken cancellationToken)
    {
        var data = new DemoData(cluster, writes, options.Mode);
        var chooser = new IndexChooser();
        display.Phase(options.Input is { } file ? $"Loading {file}" : $"Loading {Human.Count(options.Documents, "generated document")}");
        var documents = options.Input is { } input
            ? DocumentReader.ReadFile(input, cancellationToken)
            : DocumentGenerator.Generate(options.Documents);
        var bytes = await data.Load(documents, chooser, cancellationToken);
        display.Note($"{Human.Count(writes.LiveCount, "document")}, {Human.Bytes(bytes)}, each acknowledged by a majority.");

        var indexes = chooser.Choose();
        await data.BuildIndexes(indexes, cancellationToken);
        display.Note($"Indexes: {string.Join(", ", indexes.Select(index => $"{index.Name} on {index.Path}"))}.");

        var deleted = await data.DeleteMost(cancellationToken);
        display.Note($"{Human.Count(deleted, "document")} deleted; waiting until every node has all changes.");
        await WaitUntilEqual(cluster, cancellationToken);
        return indexes;
    }

    private async Task<ReplicaSetDto> MovePrimary(DemoCluster cluster, ReplicaSetDto set, CancellationToken cancellationToken)
    {
        if (options.Primary is { } wanted && set.Primary != wanted)
        {
            if (cluster.Places.All(place => place.Name != wanted))
            {
                throw new DemoException($"There is no node {wanted}; the nodes are {string.Join(", ", cluster.Places.Select(place => place.Name))}.");
            }

            display.Note($"Moving the primary to {wanted}.");
            await cluster.Ask(client => client.StepDown(
                DemoDirectory.ClusterName, set.Name, new StepDownBody(set.Primary!, wanted), cancellationToken));
        }

        return await cluster.WaitUntilReady(StartTimeout, cancellationToken);
    }

    /// <summary>Waits until all nodes hold the same documents.</summary>
    private static Task WaitUntilEqual(DemoCluster cluster, CancellationToken cancellationToken) => cluster.WaitFor(
        "all nodes to have the same documents",
        CatchUpTimeout,
        async token =>
        {
            var summaries = await Task.WhenAll(cluster.Clients.Select(client => client.Summary(DemoData.Collection, token)));
            var different = summaries.Select(summary => (summary.Checksum, summary.LastSequence)).Distinct().Count();
            return (different == 1 ? summaries : null, $"{different} different contents");
        },
        cancellationToken);
}
