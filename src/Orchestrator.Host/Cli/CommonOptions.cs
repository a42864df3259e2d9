using System.CommandLine;
using System.CommandLine.Parsing;
using Orchestrator.Host.Cli.ApiClient;

namespace Orchestrator.Host.Cli;

/// <summary>Options that all commands share.</summary>
internal sealed class CommonOptions
{
    /// <summary>Where client commands look for a server unless told otherwise.</summary>
    public const string DefaultServer = "http://127.0.0.1:8080";

    private const string ServerVariable = "ORCHESTRATOR_SERVER";

    public Option<Uri> Server { get; } = new("--server")
    {
        Description = $"Base URL of any node (environment {ServerVariable}).",
        HelpName = "URL",
        DefaultValueFactory = result => ReadUrl(
            Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } set ? set : DefaultServer, ServerVariable, result),
        CustomParser = result => ReadUrl(result.Tokens[^1].Value, "--server", result),
    };

    public Option<OutputFormat> Output { get; } = new("--output", "-o")
    {
        Description = "text for people, json for programs (on standard output alone; everything else goes to standard error).",
        HelpName = "text|json",
        DefaultValueFactory = _ => OutputFormat.Text,
        CustomParser = result => result.Tokens[^1].Value switch
        {
            "text" => OutputFormat.Text,
            "json" => OutputFormat.Json,
            var other => Fail<OutputFormat>(result, $"--output must be text or json, not '{other}'."),
        },
    };

    public Option<string?> Cluster { get; } = new("--cluster")
    {
        Description = "Name of the cluster; may be left out if the server knows only one.",
        HelpName = "NAME",
    };

    /// <summary>The named cluster, or the only one.</summary>
    /// <exception cref="UsageException">None is named and there is not exactly one.</exception>
    public async Task<string> ClusterName(ParseResult parsed, OrchestratorClient client, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Cluster) is { } named)
        {
            return named;
        }

        var clusters = (await client.Clusters(cancellationToken)).Clusters;
        return clusters switch
        {
            [var only] => only.Name,
            [] => throw new UsageException("The server knows no cluster."),
            _ => throw new UsageException($"Name one of the clusters with --cluster: {string.Join(", ", clusters.Select(c => c.Name))}."),
        };
    }

    /// <summary>Adds an error to a parse result.</summary>
    public static T Fail<T>(SymbolResult result, string message)
    {
        result.AddError(message);
        return default!;
    }

    private static Uri ReadUrl(string text, string name, SymbolResult result) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : Fail<Uri>(result, $"{name} must be a URL such as {DefaultServer}, not '{text}'.");
}

/// <summary>The command was used in a way that cannot work; the message says how to use it.</summary>
internal sealed class UsageException(string message) : Exception(message);
