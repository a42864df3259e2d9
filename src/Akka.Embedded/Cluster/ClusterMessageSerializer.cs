using System.Collections.Immutable;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Cluster.Membership;
using Akka.Remote.Wire;
using Akka.Serialization;

namespace Akka.Cluster;

/// <summary>Serializer of what cluster daemons say to each other.</summary>
internal sealed class ClusterMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>The serializer's number on the wire.</summary>
    public const int Number = 5;

    public override int Identifier => Number;

    public static void Register(ActorSystemImpl system)
    {
        var serializer = new ClusterMessageSerializer(system);
        system.Serialization.AddSerializer("akka-cluster", serializer);
        system.Serialization.AddSerializationMap(typeof(ClusterMessage), serializer);
        system.Serialization.AddSerializationMap(typeof(UniqueAddress), serializer);
    }

    public override string Manifest(object o) => o switch
    {
        InitJoin => "IJ",
        InitJoinAck => "IJA",
        InitJoinNack => "IJN",
        JoinRequest => "J",
        Welcome => "W",
        GossipEnvelope => "GE",
        Heartbeat => "HB",
        HeartbeatResponse => "HBR",
        UniqueAddress => "UA",
        _ => throw new SerializationException($"{o.GetType()} is no message of the cluster."),
    };

    public override byte[] ToBinary(object obj)
    {
        var writer = new WireWriter();
        switch (obj)
        {
            case InitJoin m:
                writer.Text(m.From.ToString());
                break;
            case InitJoinAck m:
                writer.Text(m.From.ToString());
                break;
            case InitJoinNack m:
                writer.Text(m.From.ToString());
                break;
            case JoinRequest m:
                Write(writer, m.Node);
                Write(writer, m.Roles);
                break;
            case Welcome m:
                Write(writer, m.From);
                Write(writer, m.To);
                Write(writer, m.Gossip);
                break;
            case GossipEnvelope m:
                Write(writer, m.From);
                Write(writer, m.To);
                Write(writer, m.Gossip);
                writer.Bool(m.IsFate);
                break;
            case Heartbeat m:
                Write(writer, m.From);
                Write(writer, m.To);
                writer.Int64(m.Sequence);
                break;
            case HeartbeatResponse m:
                Write(writer, m.From);
                Write(writer, m.To);
                writer.Int64(m.Sequence);
                break;
            case UniqueAddress node:
                Write(writer, node);
                break;
        }

        return writer.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var reader = new WireReader(bytes);
        object message = manifest switch
        {
            "IJ" => new InitJoin(WireAddress.Parse(reader.Text())),
            "IJA" => new InitJoinAck(WireAddress.Parse(reader.Text())),
            "IJN" => new InitJoinNack(WireAddress.Parse(reader.Text())),
            "J" => new JoinRequest(Node(ref reader), Roles(ref reader)),
            "W" => new Welcome(Node(ref reader), Node(ref reader), State(ref reader)),
            "GE" => new GossipEnvelope(Node(ref reader), Node(ref reader), State(ref reader), reader.Bool()),
            "HB" => new Heartbeat(Node(ref reader), Node(ref reader), reader.Int64()),
            "HBR" => new HeartbeatResponse(Node(ref reader), Node(ref reader), reader.Int64()),
            "UA" => Node(ref reader),
            _ => throw new SerializationException($"'{manifest}' is no manifest of the cluster's messages."),
        };
        reader.End();
        return message;
    }

    private static void Write(WireWriter writer, UniqueAddress node)
    {
        writer.Text(node.Address.ToString());
        writer.Int32(node.Uid);
    }

    private static void Write(WireWriter writer, ImmutableHashSet<string> roles)
    {
        writer.Count(roles.Count);
        foreach (var role in roles.Order(StringComparer.Ordinal))
        {
            writer.Text(role);
        }
    }

    /// <summary>Nodes are written once and then named by their place in the list.</summary>
    private static void Write(WireWriter writer, Gossip gossip)
    {
        var nodes = gossip.Members.Keys.Union(gossip.Tombstones.Keys).ToList();
        var places = nodes.Index().ToDictionary(n => n.Item, n => n.Index);
        writer.Count(nodes.Count);
        nodes.ForEach(n => Write(writer, n));
        writer.Count(gossip.Members.Count);
        foreach (var entry in gossip.Members.Values)
        {
            writer.Count(places[entry.Node]);
            Write(writer, entry.Roles);
            writer.Byte((byte)entry.Stage);
            writer.Int32(entry.UpNumber);
        }

        var known = gossip.Reachability.Where(r => places.ContainsKey(r.Key.Observer) && places.ContainsKey(r.Key.Subject)).ToList();
        writer.Count(known.Count);
        foreach (var (key, record) in known)
        {
            writer.Count(places[key.Observer]);
            writer.Count(places[key.Subject]);
            writer.Bool(record.Unreachable);
            writer.Int64(record.Version);
        }

        writer.Count(gossip.Tombstones.Count);
        foreach (var (node, tombstone) in gossip.Tombstones)
        {
            writer.Count(places[node]);
            writer.Int64(tombstone.RemovedAtUnixMs);
            writer.Bool(tombstone.HasLeft);
        }
    }

    private static UniqueAddress Node(ref WireReader reader) => new(WireAddress.Parse(reader.Text()), reader.Int32());

    private static ImmutableHashSet<string> Roles(ref WireReader reader)
    {
        var roles = ImmutableHashSet.CreateBuilder<string>();
        for (var left = reader.ItemCount(); left > 0; left--)
        {
            roles.Add(reader.Text());
        }

        return roles.ToImmutable();
    }

    private static Gossip State(ref WireReader reader)
    {
        var nodes = new UniqueAddress[reader.ItemCount()];
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i] = Node(ref reader);
        }

        var members = ImmutableSortedDictionary.CreateBuilder<UniqueAddress, MemberEntry>();
        for (var left = reader.ItemCount(); left > 0; left--)
        {
            var node = At(nodes, reader.Count());
            var entry = new MemberEntry(node, Roles(ref reader), Stage(reader.Byte()), reader.Int32());
            members[node] = entry;
        }

        var reachability = ImmutableSortedDictionary.CreateBuilder<ReachabilityKey, ReachabilityRecord>();
        for (var left = reader.ItemCount(); left > 0; left--)
        {
            var key = new ReachabilityKey(At(nodes, reader.Count()), At(nodes, reader.Count()));
            reachability[key] = new ReachabilityRecord(reader.Bool(), reader.Int64());
        }

        var tombstones = ImmutableSortedDictionary.CreateBuilder<UniqueAddress, Tombstone>();
        for (var left = reader.ItemCount(); left > 0; left--)
        {
            tombstones[At(nodes, reader.Count())] = new Tombstone(reader.Int64(), reader.Bool());
        }

        return new Gossip(members.ToImmutable(), reachability.ToImmutable(), tombstones.ToImmutable());
    }

    private static UniqueAddress At(UniqueAddress[] nodes, int place) => place < nodes.Length
        ? nodes[place]
        : throw new WireFormatException($"node {place} of {nodes.Length}");

    private static MemberStage Stage(byte value) => value <= (byte)MemberStage.Down
        ? (MemberStage)value
        : throw new WireFormatException($"stage {value} of a member");
}
