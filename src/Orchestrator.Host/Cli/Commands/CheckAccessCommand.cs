using System.CommandLine;
using Orchestrator.Core;
using Orchestrator.Core.Engines;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>check-access</c>: which rights the user of a cluster lacks, before a run finds out.</summary>
internal static class CheckAccessCommand
{
    public static Command Create(CommandRunner runner, TimeProvider time)
    {
        var config = new Option<string>("--config") { Description = "Configuration file that names the cluster; no server is asked.", HelpName = "FILE", Required = true };
        var name = new Option<string?>("--cluster") { Description = "Name of the cluster; may be left out if the file has only one.", HelpName = "NAME" };
        var command = new Command(
            "check-access",
            "Says which rights the configured user of a cluster lacks for runs, member by member. Changes nothing. Exit code 3 if something is missing.")
        {
            config,
            name,
            runner.Common.Output,
        };
        command.SetAction((parsed, cancellationToken) => CommandRunner.Guard(runner.Output(parsed), cancellationToken, async output =>
        {
            var settings = StandaloneServer.ReadSettings(parsed.GetValue(config)!);
            var options = Choose(settings, parsed.GetValue(name)).Options;
            await using var clusters = EngineClusters.Create([options], time);
            return Show(output, options.Name, await Ask(clusters, cancellationToken)
                ?? throw new UsageException($"The engine of cluster {options.Name} does not tell what its user may do."));
        }));
        return command.WithExamples("orchestrator check-access --config shop.conf", "orchestrator check-access --config shop.conf --cluster shop --output json");
    }

    /// <exception cref="TimeoutException">The cluster does not answer.</exception>
    private static async Task<IReadOnlyList<AccessGap>?> Ask(EngineClusters clusters, CancellationToken cancellationToken)
    {
        try
        {
            return clusters.All is [var cluster] ? await cluster.CheckAccess(cancellationToken) : null;
        }
        catch (EngineException e) when (e.Fault == EngineFault.Unreachable)
        {
            throw new TimeoutException(e.Message, e);
        }
        catch (EngineException e)
        {
            throw new RefusedException(e.Message, e);
        }
    }

    private static ConfiguredCluster Choose(OrchestratorSettings settings, string? name)
    {
        var known = settings.Clusters.Select(cluster => cluster.Options.Name).ToList();
        return (name, settings.Clusters) switch
        {
            (null, [var only]) => only,
            (null, _) => throw new UsageException($"Name the cluster by --cluster; {KnownNames.Of(known, "there is none")}."),
            _ => settings.Clusters.FirstOrDefault(cluster => cluster.Options.Name == name)
                ?? throw new UsageException($"There is no cluster '{name}'; {KnownNames.Of(known, "there is none")}."),
        };
    }

    private static int Show(CliOutput output, string cluster, IReadOnlyList<AccessGap> gaps)
    {
        var shown = new AccessDto(cluster, [.. gaps.Select(gap => new AccessGapDto(gap.Member, gap.Resource, gap.Actions))]);
        output.Result(shown, () => ApiJson.Context.AccessDto, console =>
        {
            if (gaps.Count == 0)
            {
                console.Prose($"The user may do everything that runs on cluster {cluster} need.");
                return;
            }

            var table = Tables.Create("Node", "On", "Missing");
            foreach (var gap in gaps)
            {
                table.Row(gap.Member, gap.Resource, string.Join(", ", gap.Actions));
            }

            console.Write(table);
        });
        return gaps.Count == 0 ? ExitCodes.Done : ExitCodes.Refused;
    }
}
