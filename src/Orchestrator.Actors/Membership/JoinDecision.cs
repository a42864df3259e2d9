using Akka.Actor;

namespace Orchestrator.Actors.Membership;

/// <summary>What a process that wants to be a member found at the address of another one.</summary>
internal enum Presence
{
    /// <summary>Its machine says that nothing listens there.</summary>
    Gone,

    /// <summary>It does not answer: dead, frozen or cut off.</summary>
    Silent,

    /// <summary>It answers, and is a member of no cluster.</summary>
    Waiting,

    /// <summary>The same, and it may found one.</summary>
    WaitingToFound,

    /// <summary>It is a member of a cluster.</summary>
    Member,
}

/// <summary>What was found at an address; cluster and members if it is a member.</summary>
internal sealed record Sighting(Presence Presence, string Cluster, IReadOnlyList<Address> Members)
{
    public static Sighting Of(Presence presence) => new(presence, "", []);
}

/// <summary>Everything that decides what a process does that is no member yet.</summary>
internal sealed record JoinView
{
    public required Address Self { get; init; }

    /// <summary>The configured ones, in their order.</summary>
    public required IReadOnlyList<Address> Seeds { get; init; }

    /// <summary>Whether there are no others than the seeds.</summary>
    public bool AreSeedsComplete { get; init; } = true;

    public required bool CanFound { get; init; }

    /// <summary>Null: nobody holds it, or this process has no journal.</summary>
    public ClusterClaim? Claim { get; init; }

    /// <summary>Why the claim cannot be read; empty: it can.</summary>
    public string ClaimError { get; init; } = "";

    public required IReadOnlyDictionary<Address, Sighting> Sightings { get; init; }

    /// <summary>How long this process has been looking.</summary>
    public required TimeSpan Looking { get; init; }

    /// <summary>A claim that was not renewed for so long is free.</summary>
    public required TimeSpan StaleAfter { get; init; }

    /// <summary>A claim that was renewed within this time belongs to a cluster that runs, whoever answers.</summary>
    public TimeSpan Recent => StaleAfter / 3;
}

/// <summary>What a process does that is no member yet.</summary>
internal abstract record JoinStep;

/// <summary>It asks the members of a cluster to let it in.</summary>
internal sealed record JoinCluster(string Cluster, IReadOnlyList<Address> Members) : JoinStep;

/// <summary>It founds a cluster, if it gets the claim.</summary>
/// <param name="Replaced">Id of the last one, which has ended; empty: none is known.</param>
internal sealed record FoundCluster(string Replaced) : JoinStep;

/// <summary>It waits.</summary>
/// <param name="Reason">For what, as part of a sentence.</param>
internal sealed record WaitToJoin(string Reason) : JoinStep;

/// <summary>
/// Decides whether a process joins, founds or waits, so that there is never a second cluster: it founds one only if nobody it can ask is a
/// member of one, and if the journal's record of the last one is free.
/// </summary>
internal static class JoinDecision
{
    public static JoinStep Decide(JoinView view)
    {
        var found = view.Sightings.Values.Where(sighting => sighting.Presence == Presence.Member).ToList();
        if (found.Count > 0)
        {
            var best = found.Find(sighting => sighting.Cluster == view.Claim?.Cluster) ?? found[0];
            return Join(view, best);
        }

        if (!view.CanFound)
        {
            return new WaitToJoin("no process that answers is a member of a cluster, and only a process with the role supervisor can found one");
        }

        var others = view.Seeds.Where(seed => !seed.Equals(view.Self)).ToList();
        if (view.ClaimError.Length > 0 && (others.Count > 0 || !view.AreSeedsComplete))
        {
            return new WaitToJoin($"the journal, which says whether a cluster runs, cannot be read: {view.ClaimError}");
        }

        return view.Claim is { } claim && !IsFree(view, claim) ? Held(view, claim) : FoundInOrder(view, others);
    }

    /// <summary>A member that this process cannot reach itself would not let it in for long: the link would cost one of the two.</summary>
    private static JoinStep Join(JoinView view, Sighting sighting)
    {
        var cut = sighting.Members
            .Where(member => view.Sightings.TryGetValue(member, out var seen) && seen.Presence is Presence.Silent or Presence.Gone)
            .ToList();
        return cut.Count == 0
            ? new JoinCluster(sighting.Cluster, [.. sighting.Members.Where(member => !member.Equals(view.Self))])
            : new WaitToJoin($"{Text(cut)}, a member of the cluster, cannot be reached from here");
    }

    private static bool IsFree(JoinView view, ClusterClaim claim)
    {
        if (claim.Age >= view.StaleAfter)
        {
            return true;
        }

        // Seed nodes may have become members after the claim was last renewed.
        return claim.Members.Select(Address.Parse).Concat(view.Seeds).Where(member => !member.Equals(view.Self)).All(member =>
            view.Sightings.TryGetValue(member, out var seen)
            && (seen.Presence is Presence.Waiting or Presence.WaitingToFound || (seen.Presence == Presence.Gone && claim.Age >= view.Recent)));
    }

    private static WaitToJoin Held(JoinView view, ClusterClaim claim)
    {
        var members = claim.Members.Select(Address.Parse).Concat(view.Seeds).Where(member => !member.Equals(view.Self)).Distinct().ToList();
        var isEncrypted = members.Exists(member => member.Protocol != view.Self.Protocol && member.Protocol.Contains("ssl", StringComparison.Ordinal));
        if (isEncrypted || members.Exists(member => member.Protocol != view.Self.Protocol))
        {
            return new WaitToJoin(
                $"the processes of the running cluster ({Text(members)}) {(isEncrypted ? "use" : "do not use")} TLS, unlike this one: "
                + "orchestrator.remoting.tls must be set everywhere or nowhere");
        }

        return new WaitToJoin(
            $"the journal says that a cluster of {Text(members)} was running recently, but none of its processes answers; "
            + $"after {view.StaleAfter.TotalSeconds:0} seconds without a sign of it a new cluster is founded");
    }

    /// <summary>Of several that could found a cluster, the one that is named first in the list of seed nodes does.</summary>
    private static JoinStep FoundInOrder(JoinView view, IReadOnlyList<Address> others)
    {
        var before = view.Seeds.TakeWhile(seed => !seed.Equals(view.Self)).ToList();
        var first = before.Find(seed => At(view, seed) == Presence.WaitingToFound);
        if (first is not null && view.Looking < view.StaleAfter)
        {
            return new WaitToJoin($"{Text([first])} is listed before this process in the seed nodes and founds the cluster");
        }

        var missing = before.Where(seed => At(view, seed) is Presence.Gone or Presence.Silent).ToList();
        return missing.Count > 0 && others.Count > 0 && view.Looking < view.Recent
            ? new WaitToJoin($"{Text(missing)} is listed before this process in the seed nodes and may found the cluster")
            : new FoundCluster(view.Claim?.Cluster ?? "");
    }

    private static Presence At(JoinView view, Address address) =>
        view.Sightings.TryGetValue(address, out var seen) ? seen.Presence : Presence.Silent;

    /// <summary>Addresses as an operator writes them.</summary>
    public static string Text(IEnumerable<Address> addresses) =>
        string.Join(", ", addresses.Select(address => $"{address.Host}:{address.Port}").Order(StringComparer.Ordinal));
}
