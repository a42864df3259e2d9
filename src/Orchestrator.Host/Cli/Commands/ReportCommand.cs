using System.CommandLine;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>report</c>: how much room everything takes, and what compacting it would free.</summary>
internal static class ReportCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = ClientCommand.Create(
            runner,
            "report",
            "Measures every node, database, collection and index: file, live and physical bytes, what a compaction would free.",
            async (parsed, client, output, cancellationToken) =>
            {
                var cluster = await runner.Common.ClusterName(parsed, client, cancellationToken);
                var report = await client.Report(cluster, cancellationToken);
                output.Result(report, () => ApiJson.Context.ReportDto, console => ClusterText.Write(console, report));
                return ExitCodes.Done;
            });
        command.Options.Add(runner.Common.Cluster);
        return command.WithExamples(
            "orchestrator report",
            "orchestrator report --output json | jq '.nodes[] | {node, free: .size.reclaimableBytes}'");
    }
}
