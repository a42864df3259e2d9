using System.CommandLine;
using Orchestrator.Core.Operations;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary>For those who are about to take members out: <c>hold</c>, <c>release</c>, <c>holds</c>.</summary>
internal static class HoldCommands
{
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    public static IEnumerable<Command> Create(CommandRunner runner, TimeProvider time) => [Hold(runner, time), Release(runner), List(runner)];

    private static Command Hold(CommandRunner runner, TimeProvider time)
    {
        var cluster = Cluster(runner);
        var owner = Owner();
        var reason = new Option<string>("--reason") { Description = "The reason, shown to everybody.", HelpName = "TEXT", Required = true };
        var members = new Option<string[]>("--member")
        {
            Description = "A member that will be taken out; several times for several. Without it the whole cluster is held.",
            HelpName = "NAME",
        };
        var ttl = UnitOptions.Duration(
            "--ttl", "How long the hold lasts unless the same owner holds again, for example 90s, 10m; 10m unless given.", "90s or 10m", HoldDecider.Longest);
        var wait = UnitOptions.Duration(
            "--wait", "Waits, at most this long, until no run is at work next to the held members, and renews the hold meanwhile.", "90s or 10m");
        var command = ClientCommand.Create(
            runner,
            "hold",
            "Says that you are about to take members out: no run begins a step next to them. Running steps finish.",
            async (parsed, client, output, cancellationToken) =>
            {
                var body = new HoldBody(
                    parsed.GetValue(owner)!, parsed.GetValue(reason)!, parsed.GetValue(members), (long)Math.Ceiling((parsed.GetValue(ttl) ?? Usual).TotalSeconds));
                var held = await Wait(client, parsed.GetValue(cluster)!, body, parsed.GetValue(wait) ?? TimeSpan.Zero, time, cancellationToken);
                output.Result(held, () => ApiJson.Context.HoldDto, console => HoldText.Write(console, new HoldListDto([held])));
                return held.Working.Count == 0 || parsed.GetValue(wait) is null ? ExitCodes.Done : ExitCodes.Unreachable;
            });
        command.Arguments.Add(cluster);
        foreach (var option in (Option[])[owner, reason, members, ttl, wait])
        {
            command.Options.Add(option);
        }

        return command.WithExamples(
            "orchestrator hold main --owner rollout --reason 'new image' --ttl 30m",
            "orchestrator hold main --owner $HOSTNAME --member $HOSTNAME --reason 'pod stops' --wait 5m");
    }

    /// <summary>Holds, and holds again until nothing is at work next to the members or the time is over.</summary>
    private static async Task<HoldDto> Wait(
        OrchestratorClient client, string cluster, HoldBody body, TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var held = await client.Hold(cluster, body, cancellationToken);
            if (held.Working.Count == 0 || time.GetElapsedTime(began) >= longest)
            {
                return held;
            }

            await Task.Delay(LookAgain, time, cancellationToken);
        }
    }

    private static Command Release(CommandRunner runner)
    {
        var (cluster, owner) = (Cluster(runner), Owner());
        var command = ClientCommand.Create(
            runner,
            "release",
            "Ends a hold: runs go on. To release one that has ended does no harm.",
            async (parsed, client, output, cancellationToken) =>
            {
                Show(output, await client.ReleaseHold(parsed.GetValue(cluster)!, parsed.GetValue(owner)!, cancellationToken));
                return ExitCodes.Done;
            });
        command.Arguments.Add(cluster);
        command.Options.Add(owner);
        return command.WithExamples("orchestrator release main --owner rollout");
    }

    private static Command List(CommandRunner runner)
    {
        var cluster = Cluster(runner);
        var command = ClientCommand.Create(
            runner,
            "holds",
            "Lists the holds in force on a cluster, with who, why and until when, and what runs still do next to the members.",
            async (parsed, client, output, cancellationToken) =>
            {
                Show(output, await client.Holds(parsed.GetValue(cluster)!, cancellationToken));
                return ExitCodes.Done;
            });
        command.Arguments.Add(cluster);
        return command.WithExamples("orchestrator holds main");
    }

    private static Argument<string> Cluster(CommandRunner runner) =>
        new Argument<string>("CLUSTER") { Description = "Name of the cluster." }.Offering(runner.Common, Completions.Clusters);

    private static Option<string> Owner() => new("--owner")
    {
        Description = "Names the hold in its cluster; the same owner again renews it.",
        HelpName = "NAME",
        Required = true,
    };

    private static void Show(CliOutput output, HoldListDto list) =>
        output.Result(list, () => ApiJson.Context.HoldListDto, console => HoldText.Write(console, list));
}
