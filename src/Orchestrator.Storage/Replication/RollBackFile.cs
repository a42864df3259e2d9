using System.Text.Json;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Files;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Replication;

/// <summary>Saves changes that are about to be dropped: one JSON object a line, <c>body</c> being the document as it was.</summary>
internal static class RollBackFile
{
    /// <summary>Writes all changes after a seq, synced; the same roll-back after a crash writes the same file.</summary>
    /// <returns>The file, or null if there are no such changes.</returns>
    public static string? Save(SqliteSession documents, CollectionDirectory directory, FileLayer files, FeedPosition last, long afterSeq)
    {
        if (documents.Scalar("SELECT count(*) FROM (SELECT 1 FROM documents WHERE seq > ?1 LIMIT 1)", afterSeq) == 0)
        {
            return null;
        }

        files.CreateDirectory(directory.RollBacks);
        files.SyncDirectory(directory.Path);
        var path = Path.Combine(directory.RollBacks, $"after-{afterSeq}-of-term-{last.Term}-seq-{last.Seq}.ndjson");
        files.WriteDurably(path, stream =>
        {
            using var rows = documents.Query(
                $"SELECT {DocumentsSchema.ChangeColumns} FROM documents WHERE seq > ?1 ORDER BY seq", afterSeq);
            while (rows.Read())
            {
                WriteLine(stream, DocumentsSchema.ReadChange(rows));
            }
        });
        return path;
    }

    private static void WriteLine(Stream stream, ChangeRecord change)
    {
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("seq", change.Seq);
            json.WriteString("id", change.Id);
            json.WriteString("rev", change.Rev);
            json.WriteNumber("term", change.Term);
            if (change.DeletedAt is { } deletedAt)
            {
                json.WriteString("deletedAt", deletedAt);
            }
            else
            {
                json.WritePropertyName("body");
                json.WriteRawValue(OneLine(change.Body), skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    /// <summary>Bodies may be written over several lines; line ends in JSON are only ever white space.</summary>
    private static byte[] OneLine(ReadOnlyMemory<byte> body)
    {
        var copy = body.ToArray();
        for (var i = 0; i < copy.Length; i++)
        {
            if (copy[i] is (byte)'\n' or (byte)'\r')
            {
                copy[i] = (byte)' ';
            }
        }

        return copy;
    }
}
