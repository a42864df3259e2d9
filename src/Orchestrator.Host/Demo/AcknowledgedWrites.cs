using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Orchestrator.Host.Demo;

/// <summary>Remembers every write that a server has acknowledged, so that it can be looked for afterwards.</summary>
internal sealed class AcknowledgedWrites
{
    private readonly ConcurrentDictionary<string, UInt128> live = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> deleted = new(StringComparer.Ordinal);

    /// <summary>Documents that must be there.</summary>
    public int LiveCount => live.Count;

    /// <summary>Ids of documents that must be there.</summary>
    public IEnumerable<string> LiveIds => live.Keys;

    public void Stored(string id, ReadOnlySpan<byte> body)
    {
        live[id] = Hash(body);
        deleted.TryRemove(id, out _);
    }

    public void Deleted(string id)
    {
        live.TryRemove(id, out _);
        deleted[id] = true;
    }

    /// <summary>Counts the acknowledged writes that a node does not show.</summary>
    /// <param name="found">Hashes of all documents of the node.</param>
    public int CountLost(IReadOnlyDictionary<string, UInt128> found) =>
        live.Count(expected => !found.TryGetValue(expected.Key, out var hash) || hash != expected.Value)
        + deleted.Keys.Count(found.ContainsKey);

    /// <summary>128 bits of SHA-256.</summary>
    public static UInt128 Hash(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
