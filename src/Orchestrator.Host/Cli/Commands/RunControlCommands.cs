using System.CommandLine;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary>Orders to a run: <c>pause</c>, <c>resume</c>, <c>cancel</c>, <c>approve</c>, <c>throttle</c>.</summary>
internal static class RunControlCommands
{
    public static IEnumerable<Command> Create(CommandRunner runner) =>
    [
        WithReason(
            runner,
            "pause",
            "Pauses a run at the next safe point: no new step begins, and a running step stops at its checkpoint if its mode can pause.",
            (client, run, reason, cancellationToken) => client.PauseRun(run, reason, cancellationToken),
            "orchestrator pause 20260131-221500-3fa9c1 --reason 'load test until noon'"),
        Simple(
            runner,
            "resume",
            "Resumes a paused run where it stopped.",
            (client, run, cancellationToken) => client.ResumeRun(run, cancellationToken),
            "orchestrator resume 20260131-221500-3fa9c1"),
        WithReason(
            runner,
            "cancel",
            "Ends a run permanently at the next safe point; every member is then online and every replica set has a primary.",
            (client, run, reason, cancellationToken) => client.CancelRun(run, reason, cancellationToken),
            "orchestrator cancel 20260131-221500-3fa9c1 --reason 'wrong collection'"),
        Simple(
            runner,
            "approve",
            "Approves a plan that waits for a second person; refused to the one who started it. 'run RUN' shows the plan.",
            (client, run, cancellationToken) => client.ApproveRun(run, cancellationToken),
            "orchestrator approve 20260131-221500-3fa9c1"),
        Throttle(runner),
    ];

    private static Command WithReason(
        CommandRunner runner,
        string name,
        string description,
        Func<OrchestratorClient, string, ReasonBody, CancellationToken, Task<RunDto>> order,
        string example)
    {
        var reason = new Option<string?>("--reason") { Description = "Why, for the run and the audit trail.", HelpName = "TEXT" };
        var command = Create(
            runner,
            name,
            description,
            (parsed, client, run, cancellationToken) => order(client, run, new ReasonBody(parsed.GetValue(reason)), cancellationToken));
        command.Options.Add(reason);
        return command.WithExamples(example);
    }

    private static Command Simple(
        CommandRunner runner, string name, string description, Func<OrchestratorClient, string, CancellationToken, Task<RunDto>> order, string example) =>
        Create(runner, name, description, (_, client, run, cancellationToken) => order(client, run, cancellationToken)).WithExamples(example);

    private static Command Throttle(CommandRunner runner)
    {
        var rate = new Argument<long>("BYTES-PER-SECOND")
        {
            Description = "Limit of the copying rate of each node, such as 20MiB; 0 is unlimited, else at least 64KiB.",
            CustomParser = result => UnitOptions.ReadSize(result, "BYTES-PER-SECOND") ?? 0,
        };
        var command = Create(
            runner,
            "throttle",
            "Changes the copying rate of a run immediately.",
            (parsed, client, run, cancellationToken) => client.ThrottleRun(run, new ThrottleBody(parsed.GetValue(rate)), cancellationToken));
        command.Arguments.Add(rate);
        return command.WithExamples("orchestrator throttle 20260131-221500-3fa9c1 20000000", "orchestrator throttle 20260131-221500-3fa9c1 0");
    }

    private static Command Create(
        CommandRunner runner,
        string name,
        string description,
        Func<ParseResult, OrchestratorClient, string, CancellationToken, Task<RunDto>> order)
    {
        var id = new Argument<string>("RUN") { Description = "Id of the run, as 'runs' lists it." }.Offering(runner.Common, Completions.UnfinishedRuns);
        var command = ClientCommand.Create(runner, name, description, async (parsed, client, output, cancellationToken) =>
        {
            var run = await order(parsed, client, parsed.GetValue(id)!, cancellationToken);
            output.Result(run, () => ApiJson.Context.RunDto, console => console.Prose(RunText.Headline(run)));
            return ExitCodes.Done;
        });
        command.Arguments.Add(id);
        return command;
    }
}
