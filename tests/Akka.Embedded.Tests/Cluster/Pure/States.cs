using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Membership;

namespace Akka.Embedded.Tests.Cluster.Pure;

/// <summary>Short notation for membership states: nodes are letters.</summary>
internal static class States
{
    public static readonly MembershipSettings Settings = new(1, ImmutableDictionary<string, int>.Empty, 4000, "", 86_400_000, 4000);

    public static UniqueAddress Node(char name, int uid = 1) => new(new Address("akka.tcp", "s", name.ToString(), 1), uid);

    /// <summary>Members such as <c>a:Up1 b:Joining c:Down3</c>: name, stage, up-number.</summary>
    public static Gossip Gossip(string members, string cuts = "")
    {
        var gossip = Akka.Cluster.Membership.Gossip.Empty;
        foreach (var text in members.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var stage = text[2..].TrimEnd("0123456789".ToCharArray());
            var number = text[(2 + stage.Length)..];
            gossip = gossip.With(new MemberEntry(
                Node(text[0]), [], Enum.Parse<MemberStage>(stage), number.Length > 0 ? int.Parse(number) : MemberEntry.NotUp));
        }

        foreach (var cut in cuts.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            gossip = gossip.WithObservation(Node(cut[0]), Node(cut[2]), unreachable: true);
        }

        return gossip;
    }

    /// <summary>A view in which every member has reported the same state.</summary>
    public static InsideCluster Converged(char self, Gossip gossip) => new(
        Node(self), gossip, gossip.Members.Keys.Where(n => n != Node(self)).ToImmutableDictionary(n => n, _ => gossip), 0, InsideCluster.Never);

    public static string Names(IEnumerable<UniqueAddress> nodes) => string.Concat(nodes.Select(n => n.Address.Host));

    public static string Text(Gossip gossip) => string.Join(' ', gossip.Members.Values.Select(
        m => $"{m.Node.Address.Host}:{m.Stage}{(m.UpNumber == MemberEntry.NotUp ? "" : m.UpNumber)}"));
}
