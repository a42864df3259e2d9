using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Core.Runs;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.Etcd;

/// <summary>The supervisor dies at every event of a run: whatever a member is at is gone on with, never begun a second time.</summary>
public sealed partial class KillTests
{
    [SkippableFact]
    public async Task The_supervisor_is_killed_at_every_event_and_each_member_is_defragmented_once()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(3);
        await etcd.Fragment(48, keep: 0.3);
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd));
        var before = await Counts(etcd);
        await orchestration.Start("run-1");

        var seen = 0;
        var kills = new List<string>();
        RunEventBatch batch;
        do
        {
            batch = await orchestration.Follow("run-1", _ => true, seen);
            seen += batch.Events.Count;

            // A step-down whose every order dies with its supervisor never happens: once for each kind of event is enough of that.
            var kind = string.Join('+', batch.Events.Select(recorded => recorded.Event.GetType().Name).Distinct());
            if (!kind.Contains(nameof(StepDownOrdered), StringComparison.Ordinal) || !kills.Contains(kind))
            {
                kills.Add(kind);
                await orchestration.KillSupervisor();
            }
        }
        while (batch.Run.FinishedAt is null);
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.True(kills.Count > 10, $"killed only at {string.Join(", ", kills)}");
        Assert.All(await Counts(etcd), count => Assert.True(count - before[0] == 1, $"defragmented {count} times; killed at {string.Join(", ", kills)}"));
        Assert.All(ended.Run.Steps.Where(step => step.Kind == "compact"), step => Assert.True(step.BytesFreed > 10 << 20, $"{step.Node}: {step.BytesFreed}"));
    }

    [SkippableFact]
    public async Task A_defragmentation_that_outlasts_the_time_out_is_watched_and_its_bytes_are_credited()
    {
        Installed.RequireEtcd();
        await using var etcd = await EtcdProcesses.Start(1);
        await etcd.Fragment(8);
        await using var proxy = new EtcdProxy(etcd.Members[0].ClientUrl);
        await using var orchestration = new Orchestration(Orchestration.OptionsFor(etcd) with
        {
            Endpoints = [proxy.Url],
            DefragmentTimeout = TimeSpan.FromMilliseconds(300),
        });
        proxy.Hold();
        await orchestration.Start("run-1", options => options with { Force = true });
        await orchestration.Follow("run-1", happened => happened is StepAccepted { Job: not null });
        await Task.Delay(TimeSpan.FromSeconds(1));

        await orchestration.KillSupervisor();
        await Task.Delay(TimeSpan.FromSeconds(1));
        proxy.Release();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed", 1), (ended.Run.State, proxy.Defragmentations));
        Assert.True(ended.Run.BytesFreed > 4 << 20, $"{ended.Run.BytesFreed} bytes are credited");
        Assert.Contains(ended.Events, recorded => recorded.Event is MemberCompacted { Judged: var judged } && judged.Contains("judged by its file", StringComparison.Ordinal));
        Assert.DoesNotContain(ended.Events, recorded => recorded.Event is StepRetried);
    }

    /// <summary>How often each member was defragmented since it started, by its own count.</summary>
    private static async Task<IReadOnlyList<int>> Counts(EtcdProcesses etcd)
    {
        using var http = new HttpClient();
        var counts = new List<int>();
        foreach (var member in etcd.Members)
        {
            var metrics = await http.GetStringAsync(new Uri(member.ClientUrl, "metrics"));
            counts.Add(int.Parse(Count().Match(metrics).Groups[1].Value, CultureInfo.InvariantCulture));
        }

        return counts;
    }

    [GeneratedRegex(@"^etcd_disk_backend_defrag_duration_seconds_count (\d+)", RegexOptions.Multiline)]
    private static partial Regex Count();
}
