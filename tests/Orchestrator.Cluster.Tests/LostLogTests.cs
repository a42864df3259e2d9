namespace Orchestrator.Cluster.Tests;

/// <summary>A primary comes back at once, without the end of its history: every acknowledged write is on all members afterwards.</summary>
[Collection(Lanes.Clusters)]
public sealed class LostLogTests
{
    private const string Victim = "node-2";

    [Fact]
    public async Task A_primary_whose_write_ahead_log_was_cut_and_whose_directory_was_restored_costs_no_acknowledged_write()
    {
        await using var cluster = await TestCluster.Start(primary: Victim);
        await cluster.ExpectProgress();
        await CutLog(cluster);
        await RestoreDirectory(cluster);
        await cluster.ExpectWhole();
    }

    private static async Task CutLog(TestCluster cluster)
    {
        await cluster.Kill(Victim);
        var cut = 0L;
        foreach (var log in Directory.GetFiles(cluster.DataOf(Victim), "documents.sqlite-wal", SearchOption.AllDirectories))
        {
            using var file = new FileStream(log, FileMode.Open);
            cut += file.Length;
            file.SetLength(file.Length / 3);
        }

        Assert.True(cut > 0, "there was no write-ahead log to cut");
        await StartAgainAsPrimary(cluster);
    }

    private static async Task RestoreDirectory(TestCluster cluster)
    {
        await cluster.Kill(Victim);
        var data = cluster.DataOf(Victim);
        var older = data + "-older";
        Copy(data, older);
        await StartAgainAsPrimary(cluster);
        await cluster.Kill(Victim);
        var member = File.ReadAllBytes(Path.Combine(data, "member.json"));
        Directory.Delete(data, recursive: true);
        Copy(older, data);

        // It knows of its reign, and of nothing that it has written since.
        File.WriteAllBytes(Path.Combine(data, "member.json"), member);
        cluster.StartAgain(Victim);
    }

    private static async Task StartAgainAsPrimary(TestCluster cluster)
    {
        cluster.StartAgain(Victim);
        await cluster.MakePrimary(Victim);
        await cluster.ExpectProgress();
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
