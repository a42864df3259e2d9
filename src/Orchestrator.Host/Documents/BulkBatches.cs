using System.Buffers;
using System.Runtime.CompilerServices;

namespace Orchestrator.Host.Documents;

/// <summary>Documents and the body of the bulk that writes them.</summary>
internal sealed record BulkBatch(IReadOnlyList<InputDocument> Documents, ReadOnlyMemory<byte> Body);

/// <summary>Cuts a stream of documents into bulks of bounded size.</summary>
internal static class BulkBatches
{
    private const int MaxDocuments = 1000;
    private const int MaxBytes = 4 << 20;

    /// <exception cref="InputException">
    /// A document cannot be read. None has been given out if it would be in the first bulk; else all that stand before it have.
    /// </exception>
    public static async IAsyncEnumerable<BulkBatch> Of(
        IAsyncEnumerable<InputDocument> documents, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batch = new List<InputDocument>();
        var bytes = 0L;
        var isFirst = true;
        InputException? broken = null;
        await using var source = documents.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await source.MoveNextAsync())
                {
                    break;
                }
            }
            catch (InputException e)
            {
                // What stands before it is given out first, so that exactly that is stored.
                broken = e;
                break;
            }

            var document = source.Current;
            if (batch.Count == MaxDocuments || (batch.Count > 0 && bytes + document.Body.Length > MaxBytes))
            {
                yield return Join(batch);
                isFirst = false;
                batch = [];
                bytes = 0;
            }

            batch.Add(document);
            bytes += document.Body.Length;
        }

        if (batch.Count > 0 && (broken is null || !isFirst))
        {
            yield return Join(batch);
        }

        if (broken is not null)
        {
            throw broken;
        }
    }

    private static BulkBatch Join(List<InputDocument> documents)
    {
        var body = new ArrayBufferWriter<byte>(documents.Sum(document => document.Body.Length + 1));
        foreach (var document in documents)
        {
            body.Write(document.Body.Span);
            body.Write("\n"u8);
        }

        return new BulkBatch(documents, body.WrittenMemory);
    }
}
