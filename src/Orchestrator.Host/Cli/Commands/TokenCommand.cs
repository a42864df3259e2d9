using System.Buffers.Text;
using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Orchestrator.Core;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http.Security;
using Spectre.Console;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>token create</c>: makes a bearer token and the line of configuration that lets it in.</summary>
internal static class TokenCommand
{
    /// <summary>So much randomness that nobody can guess it, and a plain hash of it cannot be turned round.</summary>
    private const int TokenBytes = 32;

    public static Command Create(CommandRunner runner)
    {
        var name = new Argument<string>("NAME") { Description = "Who will use it; appears in the audit trail." };
        var roles = new Option<string[]>("--role")
        {
            Description = $"One of {string.Join(", ", Roles.Names)}, for all clusters, or as ROLE:CLUSTER for one (may be repeated).",
            HelpName = "ROLE",
            Required = true,
        }.Offering([.. Roles.Names]);
        roles.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => Roles.Read(token.Value) is null))
            {
                result.AddError($"--role must be ROLE or ROLE:CLUSTER with one of the roles {string.Join(", ", Roles.Names)}, not '{token.Value}'.");
            }
        });
        name.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && PlainName.Check(token.Value) is { } problem)
            {
                result.AddError($"NAME: {problem}");
            }
        });
        var create = new Command("create", "Creates a token. It is shown once and not stored; the server's configuration gets its hash.") { name, roles, runner.Common.Output };
        create.SetAction((parsed, cancellationToken) => CommandRunner.Guard(
            runner.Output(parsed),
            cancellationToken,
            output =>
            {
                var made = Make(parsed.GetValue(name)!, parsed.GetValue(roles)!);
                output.Result(made, () => TokenJsonContext.Default.TokenMade, console => Write(console, made));
                return Task.FromResult(ExitCodes.Done);
            }));
        return new Command("token", "Creates tokens for authentication.")
        {
            create.WithExamples("orchestrator token create nightly --role viewer --role operator:main", "orchestrator token create alice --role admin --output json"),
        };
    }

    private static TokenMade Make(string name, string[] roles)
    {
        var token = "orc_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        var hash = "sha256:" + Convert.ToHexStringLower(Authenticator.Hash(token));
        var list = string.Join(", ", roles.Select(HoconText.Quote));
        return new TokenMade(name, roles, token, hash, $"orchestrator.security.tokens.{SettingNames.Join([name])} {{ hash = \"{hash}\", roles = [{list}] }}");
    }

    private static void Write(IAnsiConsole console, TokenMade made)
    {
        console.Profile.Out.Writer.WriteLine($"Token of {made.Name}, not shown again:\n\n  {made.Token}\n");
        console.Profile.Out.Writer.WriteLine($"Line for the configuration files of all servers:\n\n  {made.Setting}");
    }
}

/// <param name="Setting">Line of configuration that lets it in.</param>
internal sealed record TokenMade(string Name, IReadOnlyList<string> Roles, string Token, string Hash, string Setting);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TokenMade))]
internal sealed partial class TokenJsonContext : JsonSerializerContext;
