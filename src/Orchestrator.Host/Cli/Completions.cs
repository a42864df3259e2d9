using System.CommandLine;
using System.CommandLine.Completions;
using Orchestrator.Host.Cli.ApiClient;

namespace Orchestrator.Host.Cli;

/// <summary>What a shell offers for the value of an option or argument.</summary>
internal static class Completions
{
    /// <summary>Whoever presses the tabulator does not wait long for a server that is away.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Words that are always the same; they replace what follows from the type.</summary>
    public static Option<T> Offering<T>(this Option<T> option, params string[] words)
    {
        option.CompletionSources.Clear();
        option.CompletionSources.Add(words);
        return option;
    }

    /// <summary>Names that the server of the line knows.</summary>
    public static Option<T> Offering<T>(this Option<T> option, CommonOptions common, NamesOf names)
    {
        option.CompletionSources.Add(context => Ask(context, common, names));
        return option;
    }

    /// <summary>Names that the server of the line knows.</summary>
    public static Argument<T> Offering<T>(this Argument<T> argument, CommonOptions common, NamesOf names)
    {
        argument.CompletionSources.Add(context => Ask(context, common, names));
        return argument;
    }

    public static async Task<IEnumerable<string>> Clusters(OrchestratorClient client, CancellationToken cancellationToken) =>
        (await client.Clusters(cancellationToken)).Clusters.Select(cluster => cluster.Name);

    public static async Task<IEnumerable<string>> Nodes(OrchestratorClient client, CancellationToken cancellationToken) =>
        (await client.Clusters(cancellationToken)).Clusters.SelectMany(cluster => cluster.ReplicaSets).SelectMany(set => set.Members).Select(member => member.Node);

    public static async Task<IEnumerable<string>> ReplicaSets(OrchestratorClient client, CancellationToken cancellationToken) =>
        (await client.Clusters(cancellationToken)).Clusters.SelectMany(cluster => cluster.ReplicaSets).Select(set => set.Name);

    public static async Task<IEnumerable<string>> Runs(OrchestratorClient client, CancellationToken cancellationToken) =>
        (await client.Runs(cancellationToken)).Runs.Select(run => run.Id);

    public static async Task<IEnumerable<string>> Schedules(OrchestratorClient client, CancellationToken cancellationToken) =>
        (await client.Schedules(cancellationToken)).Schedules.Select(schedule => schedule.Name);

    /// <summary>A shell has no use for an error here: without an answer nothing is offered.</summary>
    private static IEnumerable<CompletionItem> Ask(CompletionContext context, CommonOptions common, NamesOf names)
    {
        try
        {
            var line = context.ParseResult;
            if (line.GetValue(common.Config) is not null || line.GetValue(common.Server) is not { } server)
            {
                return [];
            }

            using var limited = new CancellationTokenSource(Limit);
            using var client = new OrchestratorClient(server, Limit, followRedirects: true, common.Identity(line));
            var found = Task.Run(() => names(client, limited.Token)).GetAwaiter().GetResult();
            return [.. found.Distinct(StringComparer.Ordinal).Where(name => name.StartsWith(context.WordToComplete, StringComparison.Ordinal)).Select(name => new CompletionItem(name))];
        }
        catch (Exception e) when (e is ApiException or ServerUnreachableException or UsageException or InvalidOperationException or OperationCanceledException)
        {
            return [];
        }
    }
}

/// <summary>Asks a server for names.</summary>
internal delegate Task<IEnumerable<string>> NamesOf(OrchestratorClient client, CancellationToken cancellationToken);
