using System.Text.Json;

namespace Orchestrator.Cluster.Tests;

/// <summary>What the supervisors of a cluster have written into their journal.</summary>
internal static class Journal
{
    /// <summary>
    /// Checks that no two supervisors have acted at a time: every history was continued by one writer after another, none of
    /// which ever wrote again after the next one had; and each reign has an epoch one higher than the one before.
    /// </summary>
    /// <returns>The last epoch.</returns>
    public static long ExpectOneWriterAtATime(JournalDatabase journal)
    {
        var epoch = 0L;
        var last = new Dictionary<string, (long Sequence, string Writer, HashSet<string> Former)>();
        foreach (var (id, sequence, writer, manifest, message) in Read(journal))
        {
            var (before, present, former) = last.TryGetValue(id, out var known) ? known : (0L, writer, []);
            Assert.Equal(before + 1, sequence);
            if (writer != present)
            {
                former.Add(present);
                Assert.DoesNotContain(writer, former);
            }

            last[id] = (sequence, writer, former);
            if (manifest.EndsWith("supervisor-started", StringComparison.Ordinal))
            {
                using var started = JsonDocument.Parse(message);
                Assert.Equal(++epoch, started.RootElement.GetProperty("epoch").GetInt64());
                Assert.NotEqual("", started.RootElement.GetProperty("host").GetString());
            }
        }

        Assert.True(epoch > 0, "no supervisor has ever begun");
        return epoch;
    }

    private static IEnumerable<(string Id, long Sequence, string Writer, string Manifest, byte[] Message)> Read(JournalDatabase journal)
    {
        using var connection = journal.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT persistence_id, sequence_number, writer_uuid, manifest, message FROM journal ORDER BY ordering";
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            yield return (rows.GetString(0), rows.GetInt64(1), rows.GetString(2), rows.GetString(3), rows.GetFieldValue<byte[]>(4));
        }
    }
}
