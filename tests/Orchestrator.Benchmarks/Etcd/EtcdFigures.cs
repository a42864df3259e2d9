using System.Diagnostics;
using System.Globalization;
using Orchestrator.Core.Planning;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Benchmarks.Etcd;

/// <summary>A whole run on three real members against <c>etcdctl defrag</c> on each in turn, under a client that writes all the time.</summary>
internal sealed class EtcdFigures : IFigureGroup
{
    // As much live data as the fills allow within the group's four minutes on two cores: a leader must be at it for longer than the
    // client's patience, else both sides show nothing but the fail-over.
    private const int Megabytes = 400;
    private const double Keep = 0.45;

    private readonly TimeProvider time = TimeProvider.System;

    public string Name => "etcd";

    public async Task<IReadOnlyList<Figure>> Measure(TextWriter log, CancellationToken cancellationToken)
    {
        var theirs = await Measure(log, "etcdctl defrag on each member", DefragmentInTurn, cancellationToken);
        var ours = await Measure(log, "a run", RunOrchestrator, cancellationToken);
        var conditions = string.Create(
            CultureInfo.InvariantCulture,
            $"three members of {Megabytes} MiB on loopback, {Keep * 100:0} % of it live; etcdctl defrag on each in turn: {theirs.Took.TotalSeconds:0.00} s");
        return
        [
            new Figure("etcd run time", ours.Took / theirs.Took, "ratio", "", $"{ours.Took.TotalSeconds:0.00} s with settle 1 s; {conditions}"),
            new Figure("etcd longest write gap", ours.Gap.TotalMilliseconds, "ms", $"< {theirs.Gap.TotalMilliseconds:0}", $"{conditions}; client writes every 5 ms, time-out 250 ms, fails over"),
            new Figure("etcdctl longest write gap", theirs.Gap.TotalMilliseconds, "ms", "", conditions),
        ];
    }

    private async Task<Result> Measure(
        TextWriter log, string what, Func<EtcdProcesses, CancellationToken, Task> defragment, CancellationToken cancellationToken)
    {
        await log.WriteLineAsync($"etcd: fills three members with {Megabytes} MiB");
        await using var etcd = await EtcdProcesses.Start(3, "--quota-backend-bytes", (2L << 30).ToString(CultureInfo.InvariantCulture));
        await etcd.Fragment(Megabytes, Keep);
        await log.WriteLineAsync($"etcd: {what}");
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var client = Task.Run(() => LongestGap(etcd, stopping.Token), CancellationToken.None);
        var started = time.GetTimestamp();
        await defragment(etcd, cancellationToken);
        var took = time.GetElapsedTime(started);
        await stopping.CancelAsync();
        return new Result(took, await client);
    }

    private static async Task DefragmentInTurn(EtcdProcesses etcd, CancellationToken cancellationToken)
    {
        foreach (var member in etcd.Members)
        {
            var start = new ProcessStartInfo("etcdctl") { RedirectStandardOutput = true };
            start.Environment["ETCDCTL_API"] = "3";
            foreach (var argument in new[] { "--endpoints", member.ClientUrl.GetLeftPart(UriPartial.Authority), "--command-timeout", "120s", "defrag" })
            {
                start.ArgumentList.Add(argument);
            }

            using var process = Process.Start(start)!;
            await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"etcdctl defrag of {member.Name} failed");
            }
        }
    }

    private static async Task RunOrchestrator(EtcdProcesses etcd, CancellationToken cancellationToken)
    {
        await using var orchestration = new Orchestration(
            Orchestration.OptionsFor(etcd), policy => policy with { Settle = CompactionPolicy.Default.Settle });
        var ended = await orchestration.Run("figures");
        if (ended.Run.State != "completed")
        {
            throw new InvalidOperationException($"the run ended as {ended.Run.State}: {ended.Run.Reason}");
        }
    }

    /// <summary>The longest time between two confirmed writes, as a client sees it that stays with a member until it does not answer.</summary>
    private async Task<TimeSpan> LongestGap(EtcdProcesses etcd, CancellationToken stopping)
    {
        var longest = TimeSpan.Zero;
        var last = time.GetTimestamp();
        var member = 0;
        while (!stopping.IsCancellationRequested)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(250));
            try
            {
                await etcd.Put(etcd.Members[member], "gap", [1], patience.Token);
                var now = time.GetTimestamp();
                var gap = time.GetElapsedTime(last, now);
                longest = gap > longest ? gap : longest;
                last = now;
                await Task.Delay(5, CancellationToken.None);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                member = (member + 1) % etcd.Members.Count;
            }
        }

        return longest;
    }

    private sealed record Result(TimeSpan Took, TimeSpan Gap);
}
