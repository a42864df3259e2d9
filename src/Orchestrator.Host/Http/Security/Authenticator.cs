using System.Security.Cryptography;
using System.Text;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Http.Security;

/// <summary>Finds out who shows a bearer token (RFC 6750).</summary>
internal sealed class Authenticator
{
    private const int MaxTokenLength = 16 * 1024;

    private readonly List<(byte[] Hash, Caller Caller)> known;
    private readonly JwtAuthenticator? issuer;

    /// <param name="issuer">Null where no tokens of an issuer are taken.</param>
    public Authenticator(SecuritySettings settings, JwtAuthenticator? issuer)
    {
        this.issuer = issuer;
        IsOn = settings.IsOn;
        known = [.. settings.Tokens.Select(token => (
            token.Hash.ToArray(),
            new Caller(token.Name, [.. token.Roles.Select(role => Roles.Read(role)!)])))];
        if (!settings.ClusterSecret.IsEmpty)
        {
            known.Add((Hash(settings.ClusterSecret.Value), new Caller("a member of the cluster", [new Grant(Roles.Member, null)])));
        }
    }

    /// <summary>Whether callers must prove who they are.</summary>
    public bool IsOn { get; }

    /// <summary>The hash by which a token is known: it is random and long, so that a plain hash cannot be turned round.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Who it is; null if the token is not good, with the reason for the log, which never holds the token.</summary>
    public async Task<(Caller? Caller, string Reason)> Authenticate(string token, CancellationToken cancellationToken)
    {
        if (token.Length is 0 or > MaxTokenLength)
        {
            return (null, "the token is empty or too long");
        }

        // Hashes are compared in constant time, and all of them: how long it takes tells nothing about any.
        var hash = Hash(token);
        Caller? found = null;
        foreach (var (candidate, caller) in known)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, candidate))
            {
                found = caller;
            }
        }

        if (found is not null)
        {
            return (found, "");
        }

        return issuer is not null && token.Count(c => c == '.') == 2
            ? await issuer.Authenticate(token, cancellationToken)
            : (null, "the token is unknown");
    }
}
