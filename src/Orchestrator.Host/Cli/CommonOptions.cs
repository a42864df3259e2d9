using System.CommandLine;
using System.CommandLine.Parsing;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Cli;

/// <summary>Options that all commands share.</summary>
internal sealed class CommonOptions
{
    /// <summary>Where client commands look for a server unless told otherwise.</summary>
    public const string DefaultServer = "http://127.0.0.1:8080";

    private const string ServerVariable = "ORCHESTRATOR_SERVER";
    private const string TokenVariable = "ORCHESTRATOR_TOKEN";
    private const string AuthoritiesVariable = "ORCHESTRATOR_CA";

    public Option<Uri> Server { get; } = new("--server")
    {
        Description = $"Base URL of any node (environment {ServerVariable}).",
        HelpName = "URL",
        DefaultValueFactory = result => ReadUrl(
            Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } set ? set : DefaultServer, ServerVariable, result),
        CustomParser = result => ReadUrl(result.Tokens[^1].Value, "--server", result),
    };

    public Option<string?> Config { get; } = new("--config")
    {
        Description = "Work without a server: this process supervises the clusters of the configuration file; its journal is beside the file.",
        HelpName = "FILE",
    };

    public Option<bool> Verbose { get; } = new("--verbose") { Description = "With --config: write the whole log to standard error, not only errors." };

    public Option<string?> TokenFile { get; } = new("--token-file")
    {
        Description = $"File with the bearer token for the server (or environment {TokenVariable}). Other users of the machine could read a token on the command line.",
        HelpName = "FILE",
    };

    public Option<string?> Authorities { get; } = new("--ca")
    {
        Description = $"PEM file with certificate authorities to trust in addition to the machine's (environment {AuthoritiesVariable}).",
        HelpName = "FILE",
    };

    public Option<OutputFormat> Output { get; } = new Option<OutputFormat>("--output", "-o")
    {
        Description = "text for people (the default), json for programs (standard output holds only JSON; everything else goes to standard error).",
        HelpName = "text|json",
        CustomParser = result => result.Tokens[^1].Value switch
        {
            "text" => OutputFormat.Text,
            "json" => OutputFormat.Json,
            var other => Fail<OutputFormat>(result, $"--output must be text or json, not '{other}'."),
        },
    }.Offering("text", "json");

    public Option<string?> Cluster { get; } = new("--cluster")
    {
        Description = "Name of the cluster; not needed if the server has only one.",
        HelpName = "NAME",
    };

    public CommonOptions() => Cluster.Offering(this, Completions.Clusters);

    /// <summary>What the server is shown.</summary>
    /// <exception cref="UsageException">The file with the token cannot be read.</exception>
    public ClientIdentity Identity(ParseResult parsed)
    {
        var (token, source) = (Environment.GetEnvironmentVariable(TokenVariable) ?? "", TokenVariable);
        if (parsed.GetValue(TokenFile) is { } file)
        {
            source = $"--token-file {file}";
            try
            {
                token = BoundedFile.ReadText(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"--token-file: {file} cannot be read: {FileProblem.Of(e, file)}.");
            }

            if (string.IsNullOrWhiteSpace(token))
            {
                throw new UsageException($"--token-file: {file} is empty.");
            }
        }

        token = token.Trim();
        if (token.Any(character => character is < '!' or > '~'))
        {
            throw new UsageException($"{source} holds no token: a token is one word of ASCII letters, digits and punctuation.");
        }

        return new ClientIdentity(
            token, CommandRunner.UserName, parsed.GetValue(Authorities) ?? Environment.GetEnvironmentVariable(AuthoritiesVariable) ?? "");
    }

    /// <summary>Whether somebody has said which server, or which configuration, is meant.</summary>
    public bool NamesServer(ParseResult parsed) =>
        parsed.GetValue(Config) is not null
        || parsed.GetResult(Server) is { Implicit: false }
        || Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 };

    /// <summary>A command line names a server or a configuration file, not both.</summary>
    public void RefuseBothServerAndConfig(CommandResult command)
    {
        if (command.GetResult(Server) is { Implicit: false } && command.GetResult(Config) is { Implicit: false })
        {
            command.AddError("Give --server or --config, not both: with --config there is no server.");
        }

        if (command.GetValue(Verbose) && command.GetValue(Config) is null)
        {
            command.AddError("--verbose shows the log of the server that --config starts: give --config too, or leave it out.");
        }
    }

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
            [] => throw new UsageException("The server has no cluster."),
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
