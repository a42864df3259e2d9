using System.Net.Sockets;
using Akka.Actor;

namespace Orchestrator.Actors.Membership;

/// <summary>What a look around has found.</summary>
/// <param name="Claim">Null: nobody holds it.</param>
/// <param name="ClaimError">Why it cannot be read; empty: it can.</param>
/// <param name="Sightings">By address, without this process's.</param>
internal sealed record Looked(ClusterClaim? Claim, string ClaimError, IReadOnlyDictionary<Address, Sighting> Sightings);

/// <summary>Looks who is there: reads the claim, and asks every address that is known, in the configuration or in the claim.</summary>
internal sealed class Survey(ActorSystem system, Address self, MembershipOptions options)
{
    private static readonly TimeSpan ClaimPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(2);

    public async Task<Looked> Take(IReadOnlyList<Address> known)
    {
        var (claim, error) = await ReadClaim().ConfigureAwait(false);
        var addresses = known.Concat(claim?.Members.Select(Address.Parse) ?? []).Where(address => !address.Equals(self)).Distinct();
        var sightings = await Task.WhenAll(addresses.Select(async address => (address, Seen: await Ask(address).ConfigureAwait(false)))).ConfigureAwait(false);
        return new Looked(claim, error, sightings.ToDictionary(sighting => sighting.address, sighting => sighting.Seen));
    }

    /// <summary>Whether something listens there. Asked before the actor system is, which would complain about everybody who is not there.</summary>
    public static async Task<Presence> Knock(Address address)
    {
        // One that speaks TLS would complain about a visitor that says nothing.
        if (address.Protocol.Contains("ssl", StringComparison.Ordinal))
        {
            return Presence.Waiting;
        }

        using var limit = new CancellationTokenSource(AnswerPatience);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address.Host, address.Port ?? 0, limit.Token).ConfigureAwait(false);
            return Presence.Waiting;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return Presence.Gone;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return Presence.Silent;
        }
    }

    private async Task<(ClusterClaim? Claim, string Error)> ReadClaim()
    {
        if (options.Claim is not { } claim)
        {
            return (null, "");
        }

        try
        {
            using var limit = new CancellationTokenSource(ClaimPatience);
            return (await claim.Read(limit.Token).ConfigureAwait(false), "");
        }
        catch (Exception e) when (e is System.Data.Common.DbException or OperationCanceledException or TimeoutException or SocketException or IOException)
        {
            return (null, e.Message);
        }
    }

    private async Task<Sighting> Ask(Address address)
    {
        // One that speaks TLS where this process does not, or the other way round, can only be read of in the claim.
        var presence = address.Protocol == self.Protocol ? await Knock(address).ConfigureAwait(false) : Presence.Silent;
        if (presence != Presence.Waiting)
        {
            return Sighting.Of(presence);
        }

        try
        {
            var answer = await system.ActorSelection(new RootActorPath(address) / "user" / OrchestratorMembership.JoinName)
                .Ask<ClusterIs>(new WhereIsTheCluster(self.ToString()), AnswerPatience).ConfigureAwait(false);
            return answer.Members.Count > 0
                ? new Sighting(Presence.Member, answer.Cluster, [.. answer.Members.Select(Address.Parse)])
                : Sighting.Of(answer.CanFound ? Presence.WaitingToFound : Presence.Waiting);
        }
        catch (Exception e) when (e is AskTimeoutException or TaskCanceledException)
        {
            return Sighting.Of(Presence.Silent);
        }
    }
}
