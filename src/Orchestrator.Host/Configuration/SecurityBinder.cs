using System.Net;
using System.Security.Cryptography;
using Orchestrator.Core;
using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Configuration;

/// <summary>Reads who may do what, and refuses what would leave a reachable address open to everybody unasked.</summary>
internal static class SecurityBinder
{
    private const string HashPrefix = "sha256:";

    /// <summary>Shorter secrets can be guessed.</summary>
    private const int MinSecretLength = 16;

    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    public static SecuritySettings ReadSecurity(SettingsReader security)
    {
        var secret = security.Secret("cluster-secret");
        if (!secret.IsEmpty && secret.Value.Length < MinSecretLength)
        {
            security.Fail("cluster-secret", $"expected at least {MinSecretLength} characters, for example from 'openssl rand -hex 32'", 0);
        }

        return new SecuritySettings
        {
            AllowAnonymous = security.Switch("allow-anonymous"),
            Tokens = ReadTokens(security.Section("tokens")),
            ClusterSecret = secret,
            Jwt = ReadJwt(security.Section("jwt")),
            MaxFailedLogins = security.WholeNumber("max-failed-logins", 1, 10_000),
            FailedLoginWindow = security.Duration("failed-login-window", "1s", "1h"),
        };
    }

    public static TlsSettings? ReadTls(SettingsReader tls)
    {
        var (certificate, key, password) = (tls.FilePath("certificate"), tls.FilePath("key"), tls.Secret("password"));
        var authorities = tls.FilePath("authorities");
        if (certificate.Length == 0 && (key.Length > 0 || !password.IsEmpty))
        {
            tls.Fail("certificate", "expected the path of a certificate, since there is a key or password", 0);
        }

        return certificate.Length > 0 || authorities.Length > 0 ? new TlsSettings(certificate, key, password, authorities) : null;
    }

    public static RemotingTlsSettings? ReadRemotingTls(SettingsReader tls)
    {
        var (certificate, password, check) = (tls.FilePath("certificate"), tls.Secret("password"), tls.Switch("check-host-names"));
        return certificate.Length > 0 ? new RemotingTlsSettings(certificate, password, check) : null;
    }

    /// <summary>What only all settings together show.</summary>
    public static void CheckReachable(SettingsReader root, OrchestratorSettings settings)
    {
        var security = settings.Security;
        if (!security.IsOn && !security.AllowAnonymous && IsReachable(settings.Http.Host))
        {
            root.Section("http").Fail(
                "host",
                $"others can reach {settings.Http.Host}, but authentication is off: configure orchestrator.security.tokens ('orchestrator token "
                + "create NAME' makes one) or security.jwt, listen on 127.0.0.1, or set orchestrator.security.allow-anonymous = true",
                0);
        }

        if (settings.Remoting.Tls is null && !security.AllowAnonymous && IsReachable(settings.Remoting.Host))
        {
            root.Section("remoting").Fail(
                "host",
                $"others can reach {settings.Remoting.Host}, but connections are not authenticated: configure orchestrator.remoting.tls, listen on 127.0.0.1, or "
                + "set orchestrator.security.allow-anonymous = true where the network is protected",
                0);
        }

        if (security.IsOn && settings.Roles.Node && security.ClusterSecret.IsEmpty)
        {
            root.Section("security").Fail(
                "cluster-secret", "expected a secret, equal in all processes, since members read each other's changes and authentication is on", 0);
        }
    }

    private static bool IsReachable(string host) => host.Length > 0
        && !(IPAddress.TryParse(host, out var address) ? IPAddress.IsLoopback(address) : host == "localhost");

    private static List<TokenSettings> ReadTokens(SettingsReader tokens)
    {
        var read = new List<TokenSettings>();
        foreach (var name in tokens.Keys())
        {
            if (PlainName.Check(name) is { } problem)
            {
                tokens.Fail(name, problem, 0);
            }

            var token = tokens.Section(name);
            var hash = token.Secret("hash").Value;
            var bytes = Array.Empty<byte>();
            try
            {
                bytes = hash.StartsWith(HashPrefix, StringComparison.Ordinal) ? Convert.FromHexString(hash[HashPrefix.Length..]) : [];
            }
            catch (FormatException)
            {
                // Said below; what was found may be the token itself and is not shown.
            }

            if (bytes.Length != SHA256.HashSizeInBytes)
            {
                token.Fail("hash", $"expected {HashPrefix} and 64 hexadecimal digits, as 'orchestrator token create' prints", 0);
            }

            read.Add(new TokenSettings(name, bytes, ReadRoles(token)));
        }

        return read;
    }

    private static IReadOnlyList<string> ReadRoles(SettingsReader token)
    {
        var roles = token.TextList("roles", role => Roles.Read(role) is null
            ? $"expected ROLE or ROLE:CLUSTER with one of the roles {string.Join(", ", Roles.Names)}, found \"{role}\""
            : null);
        if (roles.Count == 0 && !token.HasErrorAt("roles"))
        {
            token.Fail("roles", "expected at least one role", 0);
        }

        return roles;
    }

    private static JwtSettings? ReadJwt(SettingsReader jwt)
    {
        var settings = new JwtSettings
        {
            Issuer = jwt.Text("issuer"),
            Audience = jwt.Text("audience"),
            Keys = jwt.Text("keys"),
            Algorithms = jwt.TextList("algorithms", name => Algorithms.Contains(name)
                ? null
                : $"expected some of {string.Join(", ", Algorithms)}, found \"{name}\""),
            NameClaim = jwt.RequiredText("name-claim"),
            RolesClaim = jwt.RequiredText("roles-claim"),
            ClockSkew = jwt.Duration("clock-skew", "0s", "5m"),
            KeysRefresh = jwt.Duration("keys-refresh", "1m", "7d"),
        };
        if (settings.Issuer.Length == 0 && settings.Audience.Length == 0 && settings.Keys.Length == 0)
        {
            return null;
        }

        foreach (var (key, value) in new[] { ("issuer", settings.Issuer), ("audience", settings.Audience), ("keys", settings.Keys) })
        {
            if (value.Length == 0)
            {
                jwt.Fail(key, "expected a value: tokens of an issuer need issuer, audience and keys", 0);
            }
        }

        return settings with { Keys = ReadKeys(jwt, settings.Keys) };
    }

    /// <summary>Keys that anybody between could exchange are worth nothing: https, or a host that is this machine.</summary>
    private static string ReadKeys(SettingsReader jwt, string keys)
    {
        if (!Uri.TryCreate(keys, UriKind.Absolute, out var url) || url.IsFile)
        {
            return jwt.FilePath("keys");
        }

        return url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)
            ? keys
            : jwt.Fail("keys", $"expected a file or an https URL, found \"{keys}\"", keys);
    }
}
