using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Orchestrator.Storage.Indexes;

/// <summary>The place of an entry in an index, as a text that a client gives back to read on from there.</summary>
/// <param name="Seq">Sequence number of the entry's document; one that is written meanwhile moves to a later place of its key.</param>
public sealed record IndexPlace(IndexKey Key, long Seq)
{
    /// <summary>The place that a text names; null if it names none.</summary>
    public static IndexPlace? Read(string text) =>
        text.Split('.') is [var seq, { Length: > 0 } key]
        && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && Base64Url.IsValid(key)
            ? new IndexPlace(IndexKey.FromEncoded(Base64Url.DecodeFromChars(key)), number)
            : null;

    /// <summary>The place of an entry.</summary>
    public static IndexPlace Of(IndexEntry entry) => new(entry.Key, entry.Document.Seq);

    /// <summary>As <see cref="Read"/> takes it.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Seq}.{Encoding.ASCII.GetString(Base64Url.EncodeToUtf8(Key.Encoded))}");

    /// <summary>Whether an entry stands behind it.</summary>
    internal bool Precedes(IndexKey key, long seq) => key.CompareTo(Key) is var byKey && (byKey > 0 || (byKey == 0 && seq > Seq));
}
