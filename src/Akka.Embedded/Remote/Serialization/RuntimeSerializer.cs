using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch;
using Akka.Remote.Wire;
using Akka.Serialization;
using AkkaSerialization = Akka.Serialization.Serialization;

namespace Akka.Remote.Serialization;

/// <summary>Serializer of the runtime's own messages and of simple values.</summary>
internal sealed class RuntimeSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>The serializer's number on the wire.</summary>
    public const int Number = 16;

    private static readonly Type[] Types =
    [
        typeof(string), typeof(int), typeof(long), typeof(double), typeof(bool), typeof(Done), typeof(Address), typeof(IActorRef),
        typeof(PoisonPill), typeof(Kill), typeof(ReceiveTimeout), typeof(Identify), typeof(ActorIdentity), typeof(Status.Success),
        typeof(Status.Failure), typeof(ActorSelectionMessage), typeof(Watch), typeof(Unwatch), typeof(DeathWatchNotification), typeof(Terminate),
    ];

    public override int Identifier => Number;

    /// <summary>Adds the serializer to a system that has remoting.</summary>
    public static void Register(ActorSystemImpl system)
    {
        var serializer = new RuntimeSerializer(system);
        system.Serialization.AddSerializer("akka-runtime", serializer);
        foreach (var type in Types)
        {
            system.Serialization.AddSerializationMap(type, serializer);
        }
    }

    public override string Manifest(object o) => o switch
    {
        string => "S",
        int => "I",
        long => "L",
        double => "D",
        bool => "B",
        Done => "DN",
        Address => "AD",
        IActorRef => "AR",
        PoisonPill => "P",
        Kill => "K",
        ReceiveTimeout => "RT",
        Identify => "ID",
        ActorIdentity => "AI",
        Status.Success => "SS",
        Status.Failure => "SF",
        ActorSelectionMessage => "AS",
        Watch => "W",
        Unwatch => "U",
        DeathWatchNotification => "DW",
        Terminate => "T",
        _ => throw new SerializationException($"{o.GetType()} is no message of the runtime."),
    };

    public override byte[] ToBinary(object obj)
    {
        var writer = new WireWriter();
        switch (obj)
        {
            case string text:
                return System.Text.Encoding.UTF8.GetBytes(text);
            case int number:
                writer.Int32(number);
                break;
            case long number:
                writer.Int64(number);
                break;
            case double number:
                writer.Double(number);
                break;
            case bool value:
                writer.Bool(value);
                break;
            case Address address:
                writer.Text(address.ToString());
                break;
            default:
                WriteMessage(writer, obj);
                break;
        }

        return writer.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var reader = new WireReader(bytes);
        object result = manifest switch
        {
            "S" => System.Text.Encoding.UTF8.GetString(reader.Rest()),
            "I" => reader.Int32(),
            "L" => reader.Int64(),
            "D" => reader.Double(),
            "B" => reader.Bool(),
            "DN" => Done.Instance,
            "AD" => Address.Parse(reader.Text()),
            "P" => PoisonPill.Instance,
            "K" => Kill.Instance,
            "RT" => ReceiveTimeout.Instance,
            "T" => Terminate.Instance,
            _ => ReadMessage(ref reader, manifest),
        };
        reader.End();
        return result;
    }

    private void WriteMessage(WireWriter writer, object message)
    {
        switch (message)
        {
            case IActorRef actor:
                writer.Text(AkkaSerialization.SerializedActorPath(actor));
                break;
            case Identify identify:
                WriteNested(writer, identify.MessageId);
                break;
            case ActorIdentity identity:
                WriteNested(writer, identity.MessageId);
                writer.Text(AkkaSerialization.SerializedActorPath(identity.Subject));
                break;
            case Status.Success success:
                WriteNested(writer, success.Status.GetType() == typeof(object) ? null : success.Status);
                break;
            case Status.Failure failure:
                RemoteFailure.Write(writer, failure.Cause);
                WriteNested(writer, failure.State);
                break;
            case ActorSelectionMessage selection:
                WriteNested(writer, selection.Message);
                writer.Count(selection.Elements.Length);
                foreach (var element in selection.Elements)
                {
                    writer.Text(element);
                }

                break;
            case Watch watch:
                WritePair(writer, watch.Watchee, watch.Watcher);
                break;
            case Unwatch unwatch:
                WritePair(writer, unwatch.Watchee, unwatch.Watcher);
                break;
            case DeathWatchNotification ended:
                writer.Text(AkkaSerialization.SerializedActorPath(ended.Actor));
                writer.Bool(ended.ExistenceConfirmed);
                writer.Bool(ended.AddressTerminated);
                break;
        }
    }

    private object ReadMessage(ref WireReader reader, string manifest) => manifest switch
    {
        "AR" => Ref(reader.Text()) ?? ActorRefs.Nobody,
        "ID" => new Identify(ReadNested(ref reader)),
        "AI" => new ActorIdentity(ReadNested(ref reader), Ref(reader.Text())),
        "SS" => ReadNested(ref reader) is { } status ? new Status.Success(status) : Status.Success.Instance,
        "SF" => new Status.Failure(RemoteFailure.Read(ref reader), ReadNested(ref reader)!),
        "AS" => new ActorSelectionMessage(ReadNested(ref reader) ?? throw new WireFormatException("a selection without message"), Texts(ref reader)),
        "W" => new Watch(RefOrNobody(reader.Text()), RefOrNobody(reader.Text())),
        "U" => new Unwatch(RefOrNobody(reader.Text()), RefOrNobody(reader.Text())),
        "DW" => new DeathWatchNotification(RefOrNobody(reader.Text()), reader.Bool(), reader.Bool()),
        _ => throw new SerializationException($"'{manifest}' is no manifest of the runtime's messages."),
    };

    private static void WritePair(WireWriter writer, IActorRef watchee, IActorRef watcher)
    {
        writer.Text(AkkaSerialization.SerializedActorPath(watchee));
        writer.Text(AkkaSerialization.SerializedActorPath(watcher));
    }

    private static string[] Texts(ref WireReader reader)
    {
        var texts = new string[reader.ItemCount()];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = reader.Text();
        }

        return texts;
    }

    private IActorRef? Ref(string path) => path.Length == 0 ? null : system.Provider.ResolveActorRef(path);

    private IInternalActorRef RefOrNobody(string path) => (Ref(path) ?? ActorRefs.Nobody).AsInternal();

    private void WriteNested(WireWriter writer, object? message)
    {
        var serializer = system.Serialization.FindSerializerFor(message);
        writer.Int32(serializer.Identifier);
        writer.Text(message is null ? "" : AkkaSerialization.ManifestFor(serializer, message));
        writer.Bytes(message is null ? [] : serializer.ToBinary(message));
    }

    private object? ReadNested(ref WireReader reader)
    {
        var number = reader.Int32();
        var manifest = reader.Text();
        var bytes = reader.Bytes();
        return number == 0 ? null : system.Serialization.Deserialize(bytes.ToArray(), number, manifest);
    }
}
