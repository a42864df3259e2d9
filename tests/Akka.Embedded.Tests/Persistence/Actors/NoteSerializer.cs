using System.Text;
using Akka.Actor;
using Akka.Serialization;

namespace Akka.Embedded.Tests.Persistence.Actors;

/// <summary>Serializes <see cref="Note"/>; one whose text is <c>unserializable</c> cannot be.</summary>
internal sealed class NoteSerializer : SerializerWithStringManifest
{
    public NoteSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    public override int Identifier => 4711;

    public override string Manifest(object o) => "note";

    public override byte[] ToBinary(object obj) => obj is Note { Text: not "unserializable" } note
        ? Encoding.UTF8.GetBytes(note.Text)
        : throw new ArgumentException("This note cannot be serialized.");

    public override object FromBinary(byte[] bytes, string manifest) => manifest == "note"
        ? new Note(Encoding.UTF8.GetString(bytes))
        : throw new ArgumentException($"Unknown manifest '{manifest}'.");
}
