using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Engines;

/// <summary>What keeps a connection to a server from coming about.</summary>
public enum ConnectionTrouble
{
    /// <summary>Nothing accepts connections at the address and port.</summary>
    Refused,

    /// <summary>No host has that name.</summary>
    UnknownHost,

    /// <summary>What answers does not speak TLS.</summary>
    NoTls,

    /// <summary>The server's certificate is for another name.</summary>
    OtherName,

    /// <summary>The server's certificate has expired, or is not valid yet.</summary>
    NotValidNow,

    /// <summary>No authority that is trusted here has signed the server's certificate.</summary>
    Untrusted,

    /// <summary>The server's certificate is revoked.</summary>
    Revoked,

    /// <summary>TLS fails, and what was thrown does not tell why.</summary>
    Tls,
}

/// <summary>Finds in an exception what keeps a connection from coming about.</summary>
public static class ConnectionTroubles
{
    /// <summary>The runtime names in the message what is wrong: SslPolicyErrors or X509ChainStatusFlags, or the beginning of what is no TLS.</summary>
    private static readonly (string Named, ConnectionTrouble Trouble)[] _named =
    [
        ("frame size", ConnectionTrouble.NoTls),
        ("RemoteCertificateNameMismatch", ConnectionTrouble.OtherName),
        ("NotTimeValid", ConnectionTrouble.NotValidNow),
        ("UntrustedRoot", ConnectionTrouble.Untrusted),
        ("PartialChain", ConnectionTrouble.Untrusted),
        ("Revoked", ConnectionTrouble.Revoked),
    ];

    /// <summary>Each trouble once; none where neither a socket nor TLS is at fault. Of several endpoints, put into one <see cref="AggregateException"/>, those of all.</summary>
    public static IReadOnlyList<ConnectionTrouble> Of(Exception error) => [.. Causes(error).SelectMany(TroublesOf).Distinct()];

    /// <summary>What is wrong with TLS, as the end of a sentence about the server; empty where nothing is known to be.</summary>
    public static string Describe(IEnumerable<ConnectionTrouble> troubles) =>
        string.Join("; ", troubles.Select(Words).Where(words => words.Length > 0));

    /// <summary>
    /// For a callback that judges a server's certificate to throw: where it returns false, the runtime says only that it did.
    /// </summary>
    /// <param name="chain">What was built of the certificate, if anything was.</param>
    public static AuthenticationException Refusal(SslPolicyErrors problems, X509Chain? chain) =>
        new($"The server's certificate is refused: {problems}, {string.Join(", ", chain?.ChainStatus.Select(status => status.Status) ?? [])}");

    private static IEnumerable<Exception> Causes(Exception? error) => error switch
    {
        null => [],
        AggregateException several => several.InnerExceptions.SelectMany(Causes),
        AuthenticationException => [error],
        _ => Causes(error.InnerException).Prepend(error),
    };

    private static IEnumerable<ConnectionTrouble> TroublesOf(Exception cause) => cause switch
    {
        AuthenticationException => _named.Where(named => cause.Message.Contains(named.Named, StringComparison.Ordinal))
            .Select(named => named.Trouble).DefaultIfEmpty(ConnectionTrouble.Tls),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => [ConnectionTrouble.Refused],
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => [ConnectionTrouble.UnknownHost],
        _ => [],
    };

    private static string Words(ConnectionTrouble trouble) => trouble switch
    {
        ConnectionTrouble.NoTls => "it does not speak TLS",
        ConnectionTrouble.OtherName => "its certificate is for another name",
        ConnectionTrouble.NotValidNow => "its certificate has expired, or is not valid yet",
        ConnectionTrouble.Untrusted => "no authority that is trusted here has signed its certificate",
        ConnectionTrouble.Revoked => "its certificate is revoked",
        _ => "",
    };
}
