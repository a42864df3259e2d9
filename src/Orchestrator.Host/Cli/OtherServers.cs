using Orchestrator.Host.Cli.ApiClient;

namespace Orchestrator.Host.Cli;

/// <summary>A cluster's other members, which also lead to the supervisor, should the server that was named be the one that goes away.</summary>
internal sealed class OtherServers : IDisposable
{
    private const int MaxClients = 8;

    private OtherServers(IReadOnlyList<OrchestratorClient> clients)
    {
        Clients = clients;
    }

    public static OtherServers None { get; } = new([]);

    public IReadOnlyList<OrchestratorClient> Clients { get; }

    /// <summary>Asks the server that was named. If it does not tell, there are none.</summary>
    public static async Task<OtherServers> Of(OrchestratorClient client, string cluster, CancellationToken cancellationToken)
    {
        try
        {
            var view = await client.Cluster(cluster, cancellationToken);
            return new OtherServers([.. view.ReplicaSets.SelectMany(set => set.Members)
                .Select(member => Uri.TryCreate(member.Address, UriKind.Absolute, out var url) && url.Scheme == client.Server.Scheme ? url : null)
                .Where(url => url is not null && url.Authority != client.Server.Authority)
                .Take(MaxClients)
                .Select(url => client.At(url!))]);
        }
        catch (Exception e) when (e is ApiException or ServerUnreachableException)
        {
            return None;
        }
    }

    public void Dispose()
    {
        foreach (var other in Clients)
        {
            other.Dispose();
        }
    }
}
