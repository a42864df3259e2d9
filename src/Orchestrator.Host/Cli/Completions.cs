using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using System.Globalization;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli;

/// <summary>What a shell offers for the value of an option or argument.</summary>
internal static class Completions
{
    /// <summary>Seconds, 1 to 60, for servers that are far away.</summary>
    private const string LimitVariable = "ORCHESTRATOR_COMPLETION_SECONDS";

    /// <summary>Whoever presses the tabulator does not wait long for a server that is away.</summary>
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(3);

    /// <summary>Clusters whose collections are asked for at a time, where the line names none.</summary>
    private const int MaxClusters = 8;

    /// <summary>More than a screen of names helps nobody; with a few letters more the shell asks again.</summary>
    private const int MaxNames = 500;

    /// <summary>Nothing is offered here.</summary>
    public static Task<IEnumerable<string>> Nothing { get; } = Task.FromResult<IEnumerable<string>>([]);

    /// <summary>Words that are always the same; they replace what follows from the type.</summary>
    public static Option<T> Offering<T>(this Option<T> option, params string[] words)
    {
        option.CompletionSources.Clear();
        option.CompletionSources.Add(words);
        return option;
    }

    /// <summary>Words that are the only ones: others are an error.</summary>
    public static Option<T> OneOf<T>(this Option<T> option, params string[] words)
    {
        option.Validators.Add(result => Check(result, result.Tokens, option.Name, words));
        return option.Offering(words);
    }

    /// <summary>Words that are the only ones: others are an error.</summary>
    public static Argument<T> OneOf<T>(this Argument<T> argument, params string[] words)
    {
        argument.Validators.Add(result => Check(result, result.Tokens, argument.Name, words));
        argument.CompletionSources.Add(words);
        return argument;
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

    private static void Check(SymbolResult result, IEnumerable<Token> tokens, string name, string[] words)
    {
        foreach (var token in tokens.Where(token => !words.Contains(token.Value)))
        {
            result.AddError($"{name} must be one of {string.Join(", ", words)}, not '{token.Value}'.");
        }
    }

    public static async Task<IEnumerable<string>> Clusters(CompletionQuestion question) =>
        (await question.Client.Clusters(question.CancellationToken)).Clusters.Select(cluster => cluster.Name);

    public static async Task<IEnumerable<string>> FrozenClusters(CompletionQuestion question) =>
        (await question.Client.Freezes(question.CancellationToken)).Freezes.Select(freeze => freeze.Cluster).OfType<string>();

    public static async Task<IEnumerable<string>> Nodes(CompletionQuestion question) =>
        (await Sets(question)).SelectMany(set => set.Members).Select(member => member.Node);

    public static async Task<IEnumerable<string>> ReplicaSets(CompletionQuestion question) => (await Sets(question)).Select(set => set.Name);

    public static async Task<IEnumerable<string>> Runs(CompletionQuestion question) =>
        (await question.Client.Runs([], null, MaxNames, question.CancellationToken)).Runs.Select(run => run.Id);

    /// <summary>The runs that an order can still change.</summary>
    public static async Task<IEnumerable<string>> UnfinishedRuns(CompletionQuestion question) =>
        (await question.Client.Runs(RunStates.Unfinished, null, MaxNames, question.CancellationToken)).Runs.Select(run => run.Id);

    public static async Task<IEnumerable<string>> Schedules(CompletionQuestion question) =>
        (await question.Client.Schedules(question.CancellationToken)).Schedules.Select(schedule => schedule.Name);

    public static async Task<IEnumerable<string>> Windows(CompletionQuestion question) =>
        (await question.Client.Schedules(question.CancellationToken)).Windows;

    public static async Task<IEnumerable<string>> Databases(CompletionQuestion question) =>
        (await Measured(question)).Select(database => database.Database);

    /// <param name="database">Only of this database; null for all.</param>
    public static async Task<IEnumerable<string>> Collections(CompletionQuestion question, string? database) =>
        (await Measured(question))
            .Where(one => database is null || one.Database == database)
            .SelectMany(one => one.Collections)
            .Select(collection => collection.Collection);

    /// <summary><c>DATABASE/COLLECTION</c>.</summary>
    /// <param name="databases">Only of these; null or none for all.</param>
    public static async Task<IEnumerable<string>> CollectionPaths(CompletionQuestion question, string[]? databases) =>
        (await Measured(question))
            .Where(one => databases is not { Length: > 0 } || databases.Contains(one.Database))
            .SelectMany(one => one.Collections.Select(collection => $"{one.Database}/{collection.Collection}"));

    /// <summary>Databases and <c>DATABASE/COLLECTION</c>.</summary>
    public static async Task<IEnumerable<string>> Units(CompletionQuestion question) =>
        (await Measured(question)).SelectMany(one => one.Collections.Select(collection => $"{one.Database}/{collection.Collection}").Prepend(one.Database));

    /// <summary>Indexes, and the words that stand for all and for none of them, which need no server.</summary>
    public static async Task<IEnumerable<string>> Indexes(CompletionQuestion question)
    {
        string[] words = ["all", "none"];
        try
        {
            return (await Measured(question)).SelectMany(one => one.Collections).SelectMany(one => one.Indexes).Select(index => index.Index).Concat(words);
        }
        catch (Exception e) when (MeansNoAnswer(e))
        {
            return words;
        }
    }

    private static async Task<IEnumerable<ReplicaSetDto>> Sets(CompletionQuestion question) =>
        (await question.Client.Clusters(question.CancellationToken)).Clusters
            .Where(cluster => question.Cluster is null || cluster.Name == question.Cluster)
            .SelectMany(cluster => cluster.ReplicaSets);

    /// <summary>The databases of the line's cluster, or of all clusters, as each node has them.</summary>
    private static async Task<IEnumerable<DatabaseReportDto>> Measured(CompletionQuestion question)
    {
        var clusters = question.Cluster is { } named ? [named] : (await Clusters(question)).Take(MaxClusters);
        var reports = await Task.WhenAll(clusters.Select(cluster => question.Client.Report(cluster, question.CancellationToken)));
        return reports.SelectMany(report => report.Nodes).SelectMany(node => node.Databases);
    }

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

            var limit = int.TryParse(Environment.GetEnvironmentVariable(LimitVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= 60
                ? TimeSpan.FromSeconds(seconds)
                : DefaultLimit;
            using var limited = new CancellationTokenSource(limit);
            using var client = new OrchestratorClient(server, limit, followRedirects: true, common.Identity(line));
            var question = new CompletionQuestion(client, line, line.GetValue(common.Cluster), limited.Token);
            var found = Task.Run(() => names(question)).GetAwaiter().GetResult();
            return [.. found
                .Where(name => name.StartsWith(context.WordToComplete, StringComparison.Ordinal))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
                .Take(MaxNames)
                .Select(name => new CompletionItem(name))];
        }
        catch (Exception e) when (MeansNoAnswer(e))
        {
            return [];
        }
    }

    private static bool MeansNoAnswer(Exception e) =>
        e is ApiException or ServerUnreachableException or UsageException or InvalidOperationException or OperationCanceledException;
}

/// <summary>What names a shell asks for.</summary>
/// <param name="Line">The line as far as it is written.</param>
/// <param name="Cluster">The cluster that the line names; null if none.</param>
internal sealed record CompletionQuestion(OrchestratorClient Client, ParseResult Line, string? Cluster, CancellationToken CancellationToken);

/// <summary>Asks a server for names.</summary>
internal delegate Task<IEnumerable<string>> NamesOf(CompletionQuestion question);
