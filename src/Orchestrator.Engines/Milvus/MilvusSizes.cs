using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.Milvus;

/// <summary>
/// Sizes of collections. Milvus tells no bytes, so they are reckoned: rows of flushed segments, times what a row takes by the schema. The
/// deleted among them are those that a count of the loaded collection does not find.
/// </summary>
internal sealed class MilvusSizes(MilvusCalls calls)
{
    // What a text or JSON value takes on average is not known.
    private const long AssumedTextBytes = 64;

    /// <summary>The speed that estimates assume, in bytes per second.</summary>
    private const double AssumedBytesPerSecond = 32 << 20;

    /// <returns>Null if the collection is gone.</returns>
    public async Task<UnitEstimate?> Measure(DocumentsUnit unit, MilvusConfiguration configuration, CancellationToken cancellationToken)
    {
        try
        {
            var collection = await calls.Describe(unit.Database, unit.Collection, cancellationToken).ConfigureAwait(false);
            var rows = await calls.Rows(unit.Database, unit.Collection, cancellationToken).ConfigureAwait(false);
            var live = collection.IsLoaded ? await LiveRows(unit, cancellationToken).ConfigureAwait(false) : -1;
            var rowBytes = (collection.Fields ?? []).Sum(BytesOf);
            var segments = await calls.Segments(unit.Database, unit.Collection, rowBytes, configuration.SmallBytes, cancellationToken).ConfigureAwait(false);
            var size = new UnitSize(unit, rows * rowBytes, (live < 0 ? rows : Math.Min(live, rows)) * rowBytes, rows * rowBytes);
            return new UnitEstimate(size, size.ReclaimableBytes, size.LiveBytes, TimeSpan.FromSeconds(size.FileBytes / AssumedBytesPerSecond))
            {
                Sampled = true,
                Note = NoteOf(collection, live, segments, configuration),
            };
        }
        catch (MilvusRefusal refusal) when (refusal.IsMissing)
        {
            return null;
        }
    }

    private static string NoteOf(MilvusCollection collection, long live, MilvusSegments? segments, MilvusConfiguration configuration)
    {
        string[] notes =
        [
            live >= 0 ? "" : $"deleted rows are unknown: {(collection.IsLoaded ? "a count of the rows was refused" : "the collection is not loaded, so that its rows cannot be counted")}",
            segments?.ToString() ?? "small segments are unknown: Milvus tells of them by gRPC only, which gives no answer",
            configuration.DescribeRetention(),
        ];
        return string.Join("; ", notes.Where(note => note.Length > 0));
    }

    /// <returns>-1 if they cannot be counted.</returns>
    private async Task<long> LiveRows(DocumentsUnit unit, CancellationToken cancellationToken)
    {
        try
        {
            return await calls.LiveRows(unit.Database, unit.Collection, cancellationToken).ConfigureAwait(false);
        }
        catch (MilvusRefusal refusal) when (!refusal.IsDenial)
        {
            return -1;
        }
    }

    private static long BytesOf(MilvusField field) => field.Type switch
    {
        "Bool" or "Int8" => 1,
        "Int16" => 2,
        "Int32" or "Float" => 4,
        "Int64" or "Double" or "Timestamptz" => 8,
        "FloatVector" => field.Parameter("dim") * 4,
        "Float16Vector" or "BFloat16Vector" => field.Parameter("dim") * 2,
        "Int8Vector" => field.Parameter("dim"),
        "BinaryVector" => field.Parameter("dim") / 8,
        _ => field.Parameter("max_length") is > 0 and < AssumedTextBytes and var length ? length : AssumedTextBytes,
    };
}
