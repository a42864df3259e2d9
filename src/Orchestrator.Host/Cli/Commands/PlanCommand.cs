using System.CommandLine;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>plan</c>: what <c>compact</c> would do.</summary>
internal static class PlanCommand
{
    public static Command Create(CommandRunner runner)
    {
        var scope = new ScopeOptions(runner.Common);
        var command = ClientCommand.Create(
            runner,
            "plan",
            "Shows what 'compact' with the same options would do now, step by step, and why; changes nothing.",
            async (parsed, client, output, cancellationToken) =>
            {
                var cluster = await runner.Common.ClusterName(parsed, client, cancellationToken);
                var plan = await client.Plan(cluster, scope.Read(parsed, cluster), cancellationToken);
                output.Result(plan, () => ApiJson.Context.PlanDto, console => RunText.Write(console, plan));
                return ExitCodes.Done;
            });
        command.Options.Add(runner.Common.Cluster);
        scope.AddTo(command);
        return command.WithExamples(
            "orchestrator plan",
            "orchestrator plan --collection shop/orders --min-fragmentation 0.3",
            "orchestrator plan --no-documents --index by-city");
    }
}
