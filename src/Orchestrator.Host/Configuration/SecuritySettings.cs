namespace Orchestrator.Host.Configuration;

/// <summary>Who may do what. With neither tokens nor an issuer everybody may do everything.</summary>
internal sealed record SecuritySettings
{
    /// <summary>Whether addresses that others can reach may be listened on though nobody has to prove who he is.</summary>
    public required bool AllowAnonymous { get; init; }

    public required IReadOnlyList<TokenSettings> Tokens { get; init; }

    /// <summary>What processes of a cluster show each other over HTTP; empty: nothing.</summary>
    public required Secret ClusterSecret { get; init; }

    /// <summary>Null: no tokens of an issuer are taken.</summary>
    public required JwtSettings? Jwt { get; init; }

    /// <summary>Failed attempts of one address within the window; then it has to wait.</summary>
    public required int MaxFailedLogins { get; init; }

    public required TimeSpan FailedLoginWindow { get; init; }

    /// <summary>Whether callers must prove who they are.</summary>
    public bool IsOn => Tokens.Count > 0 || Jwt is not null;
}

/// <summary>A bearer token, of which only the hash is known.</summary>
/// <param name="Name">Who uses it; stands in the audit trail.</param>
/// <param name="Hash">SHA-256 of its UTF-8 bytes.</param>
/// <param name="Roles">Each <c>role</c> or <c>role:cluster</c>, valid.</param>
internal sealed record TokenSettings(string Name, ReadOnlyMemory<byte> Hash, IReadOnlyList<string> Roles);

/// <summary>Tokens of an issuer (RFC 7519).</summary>
internal sealed record JwtSettings
{
    public required string Issuer { get; init; }

    public required string Audience { get; init; }

    /// <summary>Absolute path or https URL of a JWK set (RFC 7517).</summary>
    public required string Keys { get; init; }

    /// <summary>Names of signature algorithms (RFC 7518) that are taken; asymmetric ones only.</summary>
    public required IReadOnlyList<string> Algorithms { get; init; }

    public required string NameClaim { get; init; }

    public required string RolesClaim { get; init; }

    public required TimeSpan ClockSkew { get; init; }

    public required TimeSpan KeysRefresh { get; init; }
}

/// <summary>TLS of the HTTP server.</summary>
/// <param name="Certificate">Absolute path of a PEM or PKCS#12 file.</param>
/// <param name="Key">Absolute path of the PEM file with its key; empty: in the certificate's file.</param>
/// <param name="Password">Of the key; empty for none.</param>
/// <param name="Authorities">Absolute path of a PEM file with authorities that are trusted, beside the machine's, when this process calls others; empty for none.</param>
internal sealed record TlsSettings(string Certificate, string Key, Secret Password, string Authorities);

/// <summary>TLS between processes, where each shows a certificate.</summary>
/// <param name="Certificate">Absolute path of a PKCS#12 file.</param>
internal sealed record RemotingTlsSettings(string Certificate, Secret Password, bool CheckHostNames);

/// <summary>A text that must not appear in logs and errors.</summary>
internal sealed record Secret(string Value)
{
    public static Secret None { get; } = new("");

    public bool IsEmpty => Value.Length == 0;

    public override string ToString() => IsEmpty ? "(none)" : "(secret)";
}
