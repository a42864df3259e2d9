using System.Globalization;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage;

/// <summary>What the catalog says about a collection.</summary>
/// <param name="Indexes">The secondary indexes to maintain; names are unique, ignoring case.</param>
public sealed record CollectionSettings(IReadOnlyList<IndexDefinition> Indexes)
{
    /// <summary>No secondary index, no compression, not capped.</summary>
    public static CollectionSettings Default { get; } = new([]);

    /// <summary>How bodies are stored. Those that are there already change with the next <c>rewrite</c> or <c>exclusive</c>.</summary>
    public CompressionSetting Compression { get; init; } = CompressionSetting.None;

    /// <summary>Null = the collection may grow.</summary>
    public CapLimit? Cap { get; init; }
}

/// <summary>How bodies are compressed.</summary>
public enum CompressionCodec
{
    None,
    Brotli,
    Deflate,
}

/// <summary>A codec with its level. Bodies that are short, or do not get shorter by it, are stored as they are.</summary>
public sealed record CompressionSetting
{
    /// <summary>The highest level of any codec.</summary>
    public const int HighestLevel = MaxBrotli;

    private const int MaxBrotli = 11;
    private const int MaxDeflate = 9;
    private const int DefaultBrotli = 4;
    private const int DefaultDeflate = 6;

    private CompressionSetting(CompressionCodec codec, int level)
    {
        Codec = codec;
        Level = level;
    }

    public static CompressionSetting None { get; } = new(CompressionCodec.None, 0);

    public CompressionCodec Codec { get; }

    /// <summary>Brotli 0 to 11, deflate 0 to 9; higher is smaller and slower. 0 for no codec.</summary>
    public int Level { get; }

    /// <summary><c>none</c>, <c>brotli</c> or <c>deflate</c>.</summary>
    public string CodecName => Codec.ToString().ToLowerInvariant();

    /// <summary>A setting from its parts.</summary>
    /// <param name="codec"><c>none</c>, <c>brotli</c> or <c>deflate</c>.</param>
    /// <param name="level">Null = 4 for brotli, 6 for deflate.</param>
    /// <exception cref="ArgumentException">The codec is unknown or the level out of its range; the message says which.</exception>
    public static CompressionSetting Create(string codec, int? level = null) => codec switch
    {
        "none" => level is null or 0 ? None : throw new ArgumentException($"The codec 'none' has no level {level}.", nameof(level)),
        "brotli" => new(CompressionCodec.Brotli, Require(codec, level ?? DefaultBrotli, MaxBrotli)),
        "deflate" => new(CompressionCodec.Deflate, Require(codec, level ?? DefaultDeflate, MaxDeflate)),
        _ => throw new ArgumentException($"The codec '{codec}' is unknown; known: none, brotli, deflate.", nameof(codec)),
    };

    /// <summary>As it is kept in the file: <c>none</c>, <c>brotli/4</c>.</summary>
    public override string ToString() => Codec == CompressionCodec.None
        ? "none"
        : string.Create(CultureInfo.InvariantCulture, $"{CodecName}/{Level}");

    private static int Require(string codec, int level, int highest) => level >= 0 && level <= highest
        ? level
        : throw new ArgumentException($"The level of {codec} is 0 to {highest}, not {level}.", nameof(level));
}

/// <summary>
/// The size at which the primary deletes a collection's oldest documents: those whose last change is longest ago. A capped
/// collection cannot be compacted.
/// </summary>
public sealed record CapLimit
{
    /// <param name="maxBytes">Most bytes of live bodies as stored, from 1; null = no limit.</param>
    /// <param name="maxDocuments">Most live documents, from 1; null = no limit.</param>
    /// <exception cref="ArgumentException">Neither is given, or one is below 1.</exception>
    public CapLimit(long? maxBytes, long? maxDocuments)
    {
        if ((maxBytes is null && maxDocuments is null) || maxBytes < 1 || maxDocuments < 1)
        {
            throw new ArgumentException($"A cap needs bytes or documents, from 1 on, not {maxBytes} bytes and {maxDocuments} documents.");
        }

        MaxBytes = maxBytes;
        MaxDocuments = maxDocuments;
    }

    public long? MaxBytes { get; }

    public long? MaxDocuments { get; }
}
