using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Http.Security;

/// <summary>Checks tokens of the configured issuer: signature, algorithm, issuer, audience and lifetime (RFC 7519, RFC 8725).</summary>
internal sealed class JwtAuthenticator(JwtSettings settings, JsonWebKeys keys, TimeProvider time)
{
    private const int MaxNameLength = 128;

    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = 16 * 1024 };

    /// <summary>Who it is; null with the reason if the token is not good.</summary>
    public async Task<(Caller? Caller, string Reason)> Authenticate(string token, CancellationToken cancellationToken)
    {
        JsonWebToken parsed;
        try
        {
            parsed = handler.ReadJsonWebToken(token);
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            return (null, "the token is not a JWT");
        }

        if (!settings.Algorithms.Contains(parsed.Alg))
        {
            return (null, "the token's algorithm is not accepted");
        }

        // None is known here, and who issued the token wants it refused where they are not (RFC 7515, section 4.1.11).
        if (parsed.TryGetHeaderValue<object>("crit", out _))
        {
            return (null, "the token has extensions that must be understood (crit)");
        }

        IReadOnlyList<SecurityKey> candidates;
        try
        {
            candidates = await keys.For(parsed.Kid, cancellationToken);
        }
        catch (KeysUnavailableException e)
        {
            return (null, e.Message);
        }

        var result = await handler.ValidateTokenAsync(parsed, Parameters(candidates));
        return result.IsValid ? ReadCaller(result.ClaimsIdentity) : (null, $"the token is not valid ({result.Exception.GetType().Name})");
    }

    private TokenValidationParameters Parameters(IReadOnlyList<SecurityKey> candidates) => new()
    {
        ValidIssuer = settings.Issuer,
        ValidAudience = settings.Audience,
        ValidAlgorithms = settings.Algorithms,
        IssuerSigningKeys = candidates,
        TryAllIssuerSigningKeys = true,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        ValidateIssuerSigningKey = true,
        LifetimeValidator = (notBefore, expires, _, _) => IsAlive(notBefore, expires),
    };

    private bool IsAlive(DateTime? notBefore, DateTime? expires)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires is { } end && now < end + settings.ClockSkew && (notBefore is null || now >= notBefore - settings.ClockSkew);
    }

    private (Caller? Caller, string Reason) ReadCaller(ClaimsIdentity identity)
    {
        var name = identity.FindFirst(settings.NameClaim)?.Value ?? "";
        if (name.Length is 0 or > MaxNameLength || name.Any(char.IsControl))
        {
            return (null, $"the token has no usable claim {settings.NameClaim}");
        }

        // Roles of other applications may stand beside ours; those are not for us.
        var grants = identity.FindAll(settings.RolesClaim).Select(claim => Roles.Read(claim.Value)).OfType<Grant>().ToList();
        return (new Caller(name, grants), "");
    }
}
