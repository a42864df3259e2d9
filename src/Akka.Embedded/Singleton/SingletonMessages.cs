using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Remote.Wire;
using Akka.Serialization;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>What the managers of one singleton say to each other.</summary>
internal abstract record SingletonMessage(UniqueAddress From);

/// <summary>"You are leaving: stop your instance and tell me when it has stopped."</summary>
internal sealed record HandOverToMe(UniqueAddress From) : SingletonMessage(From);

/// <summary>"My instance has stopped, and I will not start another."</summary>
internal sealed record HandOverDone(UniqueAddress From) : SingletonMessage(From);

/// <summary>Serializer of the managers' messages.</summary>
internal sealed class SingletonMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>The serializer's number on the wire.</summary>
    public const int Number = 14;

    public override int Identifier => Number;

    public static void Register(ActorSystem system)
    {
        var serializer = new SingletonMessageSerializer((ExtendedActorSystem)system);
        system.Serialization.AddSerializer("akka-singleton", serializer);
        system.Serialization.AddSerializationMap(typeof(SingletonMessage), serializer);
    }

    public override string Manifest(object o) => o switch
    {
        HandOverToMe => "A",
        HandOverDone => "C",
        _ => throw new SerializationException($"{o.GetType()} is no message of the singleton."),
    };

    public override byte[] ToBinary(object obj)
    {
        var from = ((SingletonMessage)obj).From;
        var writer = new WireWriter();
        writer.Text(from.Address.ToString());
        writer.Int32(from.Uid);
        return writer.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var reader = new WireReader(bytes);
        var from = new UniqueAddress(WireAddress.Parse(reader.Text()), reader.Int32());
        reader.End();
        return manifest switch
        {
            "A" => new HandOverToMe(from),
            "C" => new HandOverDone(from),
            _ => throw new SerializationException($"'{manifest}' is no manifest of the singleton's messages."),
        };
    }
}
