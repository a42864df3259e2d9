using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.Etcd;

/// <summary>An etcd cluster, reached by the JSON gateway of its members' client URLs. One replica set, named like the cluster.</summary>
public sealed class EtcdCluster : IEngineCluster
{
    private readonly EtcdClusterOptions options;
    private readonly EngineHttp http;
    private readonly EtcdTokens tokens;
    private readonly EtcdRoster roster;
    private readonly EtcdLock @lock;
    private readonly List<EtcdClient> endpoints;
    private volatile IReadOnlyDictionary<string, EtcdMemberDriver> nodes = new Dictionary<string, EtcdMemberDriver>();

    /// <param name="process">Who this orchestrator is, for the one that finds its lock; for example host and process id.</param>
    /// <exception cref="EngineException">A certificate or key cannot be read.</exception>
    public EtcdCluster(EtcdClusterOptions options, string process, TimeProvider time)
    {
        this.options = options;
        http = new EngineHttp(options.Tls);
        tokens = new EtcdTokens(options, time);
        roster = new EtcdRoster(options, time);
        endpoints = [.. options.Endpoints.Select(endpoint => new EtcdClient($"endpoint {endpoint.Authority}", [endpoint], http, tokens))];
        @lock = new EtcdLock(options, process, time, () => [.. roster.Nodes.Select(node => node.Client), .. endpoints]);
    }

    public string Name => options.Name;

    public string Engine => "etcd";

    public EngineCapabilities Capabilities => EtcdCapabilities.Instance;

    public TimeSpan? Settle => options.Settle;

    public TimeSpan DiscoverInterval => options.DiscoverInterval;

    public TimeSpan RenewInterval => options.LockTimeToLive / 3;

    public Task<EngineTopology> Discover(CancellationToken cancellationToken) => EtcdErrors.Explain($"discovering {Name}", options, async () =>
    {
        var looks = await Task.WhenAll(endpoints
            .Concat(roster.Nodes.Select(node => node.Client))
            .Select(client => Look(client, cancellationToken))).ConfigureAwait(false);
        RefuseStrangers(looks);

        // A learner may not tell the list, and a member that has not applied the last change of membership tells an old one.
        var answered = looks
            .Where(look => look.Status is not null)
            .OrderBy(look => look.Status!.IsLearner)
            .ThenByDescending(look => look.Status!.RaftAppliedIndex)
            .ToList();
        if (answered.Count == 0)
        {
            // A known member that refuses tells more than that an endpoint is silent.
            throw NoEndpoint.Answers(
                Name, [.. looks.Select(look => look.Failure!).Where((failure, i) => i < endpoints.Count || failure.Fault != EngineFault.Unreachable)]);
        }

        var list = await answered[0].Client.Call(EtcdCalls.MemberList, new EmptyRequest(), options.RequestTimeout, cancellationToken).ConfigureAwait(false);
        var found = answered.Where(look => endpoints.Contains(look.Client)).ToLookup(look => look.Status!.Header.MemberId, look => look.Client.Addresses[0]);
        return Update(list.Members, found);
    });

    public IEngineMember Member(string name) => nodes[name];

    public Task<string> Claim(string runId, CancellationToken cancellationToken) =>
        EtcdErrors.Explain($"locking {Name}", options, () => @lock.Take(runId, cancellationToken));

    public Task Renew(CancellationToken cancellationToken) => @lock.Renew(cancellationToken);

    public Task Release(string runId, CancellationToken cancellationToken) => @lock.Release(runId, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await @lock.DisposeAsync().ConfigureAwait(false);
        foreach (var client in endpoints)
        {
            client.Dispose();
        }

        foreach (var node in roster.Nodes)
        {
            node.Dispose();
        }

        tokens.Dispose();
        http.Dispose();
    }

    /// <summary>Members' names, as far as each is used once; else with the id, which always is.</summary>
    internal static IReadOnlyDictionary<ulong, string> NamesOf(IReadOnlyList<MemberEntry> members)
    {
        var uses = members.CountBy(member => member.Name).ToDictionary(use => use.Key, use => use.Value, StringComparer.Ordinal);
        return members.ToDictionary(
            member => member.Id,
            member => member.Name.Length == 0
                ? EtcdRoster.Hex(member.Id)
                : uses[member.Name] == 1 ? member.Name : $"{member.Name}-{EtcdRoster.Hex(member.Id)}");
    }

    private async Task<EndpointLook> Look(EtcdClient client, CancellationToken cancellationToken)
    {
        try
        {
            var status = await client.Call(EtcdCalls.Status, new EmptyRequest(), options.RequestTimeout, cancellationToken).ConfigureAwait(false);
            return new EndpointLook(client, status, null);
        }
        catch (EngineException e)
        {
            return new EndpointLook(client, null, e);
        }
        catch (EtcdRefusal refusal)
        {
            return new EndpointLook(
                client, null, new EngineException(refusal.IsDenial ? EngineFault.Denied : EngineFault.Failed, $"{client.Label}: etcd answers '{refusal.Message}'", refusal));
        }
    }

    private void RefuseStrangers(IReadOnlyList<EndpointLook> looks)
    {
        foreach (var look in looks.Where(look => look.Status is not null))
        {
            if (!roster.IsOurs(look.Status!.Header.ClusterId))
            {
                throw new EngineException(
                    EngineFault.Misconfigured,
                    $"{look.Client.Label} answers for cluster {EtcdRoster.Hex(look.Status.Header.ClusterId)}, but {Name} is cluster {EtcdRoster.Hex(roster.ClusterId)}: "
                    + $"correct clusters.{Name}.endpoints, which must all be of one cluster");
            }
        }
    }

    private EngineTopology Update(IReadOnlyList<MemberEntry> members, ILookup<ulong, Uri> found)
    {
        var names = NamesOf(members);
        var next = new Dictionary<string, EtcdMemberDriver>(StringComparer.Ordinal);
        foreach (var member in members)
        {
            var known = roster.Find(member.Id);
            var addresses = AddressesOf(member, found[member.Id], options.Endpoints[0].Scheme == "https");
            if (known is null || known.Name != names[member.Id])
            {
                known?.Dispose();
                known = new EtcdMemberDriver(member.Id, names[member.Id], new EtcdClient(names[member.Id], addresses, http, tokens), roster);
                roster.Add(known);
            }
            else if (!addresses.ToHashSet().SetEquals(known.Client.Addresses))
            {
                known.Client.Addresses = addresses;
            }

            next[known.Name] = known;
        }

        foreach (var gone in roster.Nodes.Where(node => !next.ContainsValue(node)).ToList())
        {
            roster.Remove(gone.Id);
            gone.Dispose();
        }

        nodes = next;
        var order = next.Keys.Order(StringComparer.Ordinal).ToList();
        return new EngineTopology(
            [new ReplicaSetDefinition(Name, order)],
            order.ToDictionary(name => name, name => next[name].Client.Addresses.FirstOrDefault()?.GetLeftPart(UriPartial.Authority) ?? ""))
        {
            Learners = [.. members.Where(member => member.IsLearner).Select(member => names[member.Id])],
        };
    }

    /// <summary>
    /// Configured endpoints that lead to the member come first: what members advertise need not be reachable from here. Where the endpoints are encrypted, nothing
    /// goes to an address that is not, least of all the password.
    /// </summary>
    internal static List<Uri> AddressesOf(MemberEntry member, IEnumerable<Uri> configured, bool isEncrypted) =>
    [
        .. configured
            .Concat(member.ClientUrls
                .Select(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri : null)
                .OfType<Uri>()
                .Where(uri => (uri.Scheme == "https" || (uri.Scheme == "http" && !isEncrypted)) && !IsWildcard(uri)))
            .DistinctBy(uri => uri.GetLeftPart(UriPartial.Authority)),
    ];

    /// <summary>An address to listen on, which some members advertise by mistake: from elsewhere it leads nowhere, or to oneself.</summary>
    private static bool IsWildcard(Uri uri) => uri.Host is "0.0.0.0" or "[::]" or "*" || (uri.HostNameType == UriHostNameType.IPv6 && uri.DnsSafeHost == "::");

    private sealed record EndpointLook(EtcdClient Client, StatusResponse? Status, EngineException? Failure);
}
