using Orchestrator.Host.Demo;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Cluster.Tests;

/// <summary>A primary comes back at once, without the end of its history: every acknowledged write is on all members afterwards.</summary>
public sealed class LostLogTests
{
    private const string Victim = "node-2";

    [Fact]
    public async Task A_primary_whose_write_ahead_log_was_cut_costs_no_acknowledged_write()
    {
        await using var cluster = await TestCluster.Start(primary: Victim);
        await cluster.ExpectProgress();
        await cluster.Kill(Victim);
        var cut = 0L;
        foreach (var log in Directory.GetFiles(cluster.DataOf(Victim), "documents.sqlite-wal", SearchOption.AllDirectories))
        {
            using var file = new FileStream(log, FileMode.Open);
            cut += file.Length;
            file.SetLength(file.Length / 3);
        }

        Assert.True(cut > 0, "there was no write-ahead log to cut");
        cluster.StartAgain(Victim);

        await cluster.ExpectWhole();
    }

    [Fact]
    public async Task A_primary_whose_directory_was_restored_costs_no_acknowledged_write()
    {
        await using var cluster = await TestCluster.Start(primary: Victim);
        await cluster.Kill(Victim);
        var data = cluster.DataOf(Victim);
        var older = data + "-older";
        Copy(data, older);
        cluster.StartAgain(Victim);
        var set = await cluster.Cluster.WaitUntilReady(TestCluster.Patience, CancellationToken.None);
        if (set.Primary != Victim)
        {
            await cluster.Cluster.Ask(client => client.StepDown(
                DemoDirectory.ClusterName, set.Name, new StepDownBody(set.Primary!, Victim), CancellationToken.None));
            await cluster.Cluster.WaitUntilReady(TestCluster.Patience, CancellationToken.None);
        }

        await cluster.ExpectProgress();
        await cluster.Kill(Victim);
        var member = File.ReadAllBytes(Path.Combine(data, "member.json"));
        Directory.Delete(data, recursive: true);
        Copy(older, data);

        // It knows of its reign, and of nothing that it has written since.
        File.WriteAllBytes(Path.Combine(data, "member.json"), member);
        cluster.StartAgain(Victim);

        await cluster.ExpectWhole();
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
