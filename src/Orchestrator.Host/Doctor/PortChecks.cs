using System.Net;
using System.Net.Sockets;
using Orchestrator.Engines;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Doctor;

/// <summary>Whether the process can listen, and reaches the processes that it is to join.</summary>
internal static class PortChecks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Only where the port is in use: who is busy answers late.</summary>
    private static readonly TimeSpan HealthPatience = TimeSpan.FromSeconds(30);

    /// <summary>Whether an orchestrator answers on the HTTP port.</summary>
    public static async Task<bool> IsRunning(HttpSettings http, CancellationToken cancellationToken) =>
        http.Port > 0 && await AnswersHealth(http, cancellationToken);

    /// <param name="isRunning">See <see cref="IsRunning"/>.</param>
    public static async Task<IReadOnlyList<Finding>> Look(OrchestratorSettings settings, bool isRunning, CancellationToken cancellationToken)
    {
        var found = new List<Finding>
        {
            Port("http-port", "orchestrator.http", settings.Http.Host, settings.Http.Port, isRunning),
            Port("remoting-port", "orchestrator.remoting", settings.Remoting.Host, settings.Remoting.Port, isRunning),
        };
        var own = $"{settings.Remoting.AdvertisedHost}:{settings.Remoting.Port}";
        foreach (var seed in settings.Remoting.SeedNodes.Where(seed => seed != own))
        {
            found.Add(await Seed(seed, cancellationToken));
        }

        if (!settings.Security.IsOn && !IsLoopback(settings.Http.Host))
        {
            found.Add(Finding.Warn(
                "authentication",
                $"Everybody who reaches {settings.Http.Host} may do everything: authentication is off.",
                "Configure orchestrator.security.tokens (orchestrator token create) or orchestrator.security.jwt."));
        }

        return found;
    }

    private static bool IsLoopback(string host) => IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address);

    private static Finding Port(string check, string section, string host, int port, bool isRunning)
    {
        if (port == 0)
        {
            return Finding.Ok(check, $"Takes a free port of {host}.");
        }

        try
        {
            using var listener = new TcpListener(IPAddress.TryParse(host, out var address) ? address : Dns.GetHostAddresses(host)[0], port);
            listener.Start();
            return Finding.Ok(check, $"Port {port} of {host} is free.");
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return isRunning
                ? Finding.Ok(check, $"Port {port} of {host} is in use, and an orchestrator answers on the HTTP port: the process runs already.")
                : Finding.Fail(check, $"Port {port} of {host} is in use by another program.", $"End that program, or set {section}.port to another port.");
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            return Finding.Fail(check, $"This user may not listen on port {port}.", $"Set {section}.port to a port above 1023.");
        }
        catch (SocketException)
        {
            return Finding.Fail(check, $"{host} is not an address of this machine.", $"Set {section}.host to an address of this machine, or to 0.0.0.0.");
        }
    }

    /// <summary>Whoever answers may have any certificate: nothing is told to it.</summary>
    private static async Task<bool> AnswersHealth(HttpSettings http, CancellationToken cancellationToken)
    {
        var host = IPAddress.TryParse(http.Host, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) ? "localhost" : http.Host;
        using var connections = new SocketsHttpHandler();
        connections.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        using var client = new HttpClient(new OutgoingConnections(connections)) { Timeout = HealthPatience };
        try
        {
            var url = new UriBuilder(http.IsEncrypted ? "https" : "http", host, http.Port, "/healthz").Uri;
            using var answer = await client.GetAsync(url, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task<Finding> Seed(string seed, CancellationToken cancellationToken)
    {
        var colon = seed.LastIndexOf(':');
        using var client = new TcpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await client.ConnectAsync(seed[..colon].Trim('[', ']'), int.Parse(seed[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture), limit.Token);
            return Finding.Ok("seed-node", $"{seed} can be reached.");
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return ConnectionTroubles.Of(e).Contains(ConnectionTrouble.UnknownHost)
                ? Finding.Warn("seed-node", $"There is no host of the name in {seed}.", "Correct orchestrator.remoting.seed-nodes, or enter the name in the DNS.")
                : Finding.Warn(
                    "seed-node", $"{seed} does not answer.", "Start that process, open its remoting port in the firewall, or correct orchestrator.remoting.seed-nodes.");
        }
    }
}
