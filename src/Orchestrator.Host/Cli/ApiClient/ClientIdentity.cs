using System.Net.Http.Headers;
using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Cli.ApiClient;

/// <summary>What a client shows a server, and whom it trusts.</summary>
/// <param name="Token">Bearer token; empty for none.</param>
/// <param name="User">What the client calls itself; believed only by servers that ask nobody for a proof.</param>
/// <param name="Authorities">PEM file with authorities that are trusted beside the machine's; empty for none.</param>
internal sealed record ClientIdentity(string Token, string User, string Authorities)
{
    public static ClientIdentity None { get; } = new("", "", "");

    public void AddTo(HttpRequestMessage request)
    {
        if (Token.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        }
        else if (User.Length > 0)
        {
            request.Headers.TryAddWithoutValidation(AccessMiddleware.UserHeader, User);
        }
    }

    public override string ToString() => $"ClientIdentity {{ {(Token.Length > 0 ? "(token)" : User)} }}";
}
