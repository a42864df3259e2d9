using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Akka.Embedded.Tests.Serialization;

public sealed class SerializationTests : Akka.TestKit.Xunit2.TestKit
{
    private const string Settings =
        """
        akka.actor {
          serializers { text = "Akka.Embedded.Tests.Serialization.TextSerializer, Akka.Embedded.Tests" }
          serialization-bindings { "Akka.Embedded.Tests.Serialization.ITextMessage, Akka.Embedded.Tests" = text }
          serialization-identifiers { "Akka.Embedded.Tests.Serialization.TextSerializer, Akka.Embedded.Tests" = 1201 }
        }
        """;

    public SerializationTests()
        : base(Settings)
    {
    }

    [Fact]
    public void A_message_comes_back_from_its_bytes()
    {
        var message = new TextMessage("hello");
        var serializer = Assert.IsType<TextSerializer>(Sys.Serialization.FindSerializerFor(message));
        Assert.Equal(1201, serializer.Identifier);
        Assert.True(serializer.IncludeManifest);
        var manifest = Akka.Serialization.Serialization.ManifestFor(serializer, message);
        Assert.Equal("t", manifest);
        var bytes = Sys.Serialization.Serialize(message);
        Assert.Equal(message, Sys.Serialization.Deserialize(bytes, 1201, manifest));
    }

    [Fact]
    public void Bytes_and_null_need_no_binding()
    {
        byte[] bytes = [1, 2, 3];
        Assert.IsType<ByteArraySerializer>(Sys.Serialization.FindSerializerFor(bytes));
        Assert.Equal(bytes, Sys.Serialization.Deserialize(Sys.Serialization.Serialize(bytes), 4, ""));
        Assert.IsType<NullSerializer>(Sys.Serialization.FindSerializerFor(null!));
    }

    [Fact]
    public void The_nearest_binding_wins()
    {
        var other = new TextSerializer((ExtendedActorSystem)Sys);
        Sys.Serialization.AddSerializationMap(typeof(SpecialTextMessage), other);
        Assert.Same(other, Sys.Serialization.FindSerializerFor(new SpecialTextMessage("x")));
        Assert.NotSame(other, Sys.Serialization.FindSerializerFor(new TextMessage("x")));
    }

    [Fact]
    public void A_message_without_binding_is_refused_by_name()
    {
        var exception = Assert.Throws<SerializationException>(() => Sys.Serialization.FindSerializerFor(new Unbound()));
        Assert.Contains(nameof(Unbound), exception.Message);
        Assert.Contains("serialization-bindings", exception.Message);
    }

    [Fact]
    public void An_unknown_number_is_refused() =>
        Assert.Throws<SerializationException>(() => Sys.Serialization.Deserialize([], 999, "x"));

    [Fact]
    public void A_ref_comes_back_from_its_text()
    {
        var text = Akka.Serialization.Serialization.SerializedActorPath(TestActor);
        Assert.StartsWith("akka://test/system/", text);
        Assert.Equal(TestActor, Sys.Serialization.DeserializeActorRef(text));
        Assert.Equal("", Akka.Serialization.Serialization.SerializedActorPath(ActorRefs.NoSender!));
    }

    [Theory]
    [InlineData("akka.actor.serializers.x = \"No.Such.Type\"")]
    [InlineData("akka.actor.serialization-bindings { \"System.String\" = unknown }")]
    [InlineData("akka.actor.serialization-bindings { \"No.Such.Type\" = bytes }")]
    [InlineData("akka.actor.serializers.x = \"Akka.Embedded.Tests.Serialization.TextSerializer, Akka.Embedded.Tests\"")]
    public void Wrong_settings_are_refused(string setting) =>
        Assert.Throws<ConfigurationException>(() => ActorSystem.Create("wrong", ConfigurationFactory.ParseString(setting)));

    private sealed class Unbound;
}

public interface ITextMessage
{
    string Text { get; }
}

public record TextMessage(string Text) : ITextMessage;

public sealed record SpecialTextMessage(string Text) : TextMessage(Text);

public sealed class TextSerializer : SerializerWithStringManifest
{
    public TextSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    public override byte[] ToBinary(object obj) => Encoding.UTF8.GetBytes(((ITextMessage)obj).Text);

    public override object FromBinary(byte[] bytes, string manifest) => manifest == "t"
        ? new TextMessage(Encoding.UTF8.GetString(bytes))
        : throw new SerializationException($"Unknown manifest {manifest}");

    public override string Manifest(object o) => "t";
}
