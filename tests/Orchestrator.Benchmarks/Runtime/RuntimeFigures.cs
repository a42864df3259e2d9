using System.Globalization;

namespace Orchestrator.Benchmarks.Runtime;

/// <summary>The actor runtime: messages, persistence, memory, and how soon a killed process is replaced.</summary>
internal sealed class RuntimeFigures : IFigureGroup
{
    private const int Repetitions = 5;
    private const int Kills = 3;
    private const int InFlight = 200;
    private const int Balls = 100;
    private const int IdleCount = 100_000;

    public string Name => "runtime";

    public async Task<IReadOnlyList<Figure>> Measure(TextWriter log, CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        await MeasureLocal(figures, log, cancellationToken);
        log.WriteLine("remote messages");
        var remote = await Medians(() => RemoteMessages.Exchange(InFlight), cancellationToken);
        figures.Add(new Figure(
            "remote", remote, "messages/s", ">= 100000", $"two actor systems over loopback TCP, {InFlight} in flight, requests and answers counted"));
        await MeasureJournal(figures, log, cancellationToken);
        log.WriteLine("idle actors");
        var idle = await Medians(() => IdleActors.Megabytes(IdleCount), cancellationToken);
        figures.Add(new Figure("idle-actors", idle, "MB", "< 150", $"{IdleCount} actors, managed heap after a full collection"));
        await MeasureKills(figures, log, cancellationToken);
        return figures;
    }

    private static async Task MeasureLocal(List<Figure> figures, TextWriter log, CancellationToken cancellationToken)
    {
        log.WriteLine("local messages");
        var system = Settings.Start("local", "local");
        try
        {
            var one = await Medians(() => LocalMessages.PingPong(system, 1), cancellationToken);
            var oneBare = await Medians(() => LocalMessages.ChannelPingPong(1), cancellationToken);
            var many = await Medians(() => LocalMessages.PingPong(system, Balls), cancellationToken);
            var manyBare = await Medians(() => LocalMessages.ChannelPingPong(Balls), cancellationToken);
            var oneWay = await Medians(() => LocalMessages.OneWay(system), cancellationToken);
            var oneWayBare = await Medians(LocalMessages.ChannelOneWay, cancellationToken);
            figures.Add(new Figure("local-ping-pong", one, "messages/s", ">= 2000000", $"one pair, one in flight; two bare channels: {Whole(oneBare)}"));
            figures.Add(new Figure("local-ping-pong-vs-channels", one / oneBare, "ratio", "none", "bare Channel<object>, same run"));
            figures.Add(new Figure(
                $"local-ping-pong-{Balls}", many, "messages/s", ">= 2000000", $"one pair, {Balls} in flight; two bare channels: {Whole(manyBare)}"));
            figures.Add(new Figure("local-one-way", oneWay, "messages/s", ">= 5000000", $"one thread tells one actor; a bare channel: {Whole(oneWayBare)}"));
        }
        finally
        {
            await system.Terminate();
        }
    }

    private static async Task MeasureJournal(List<Figure> figures, TextWriter log, CancellationToken cancellationToken)
    {
        log.WriteLine("journal");
        var results = new List<JournalWrites.Result>();
        for (var i = 0; i < Repetitions; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            results.Add(await JournalWrites.Measure());
        }

        var bare = Median(results.Select(result => result.BareCommits));
        figures.Add(new Figure(
            "persist", Median(results.Select(result => result.Sequential)), "events/s", ">= 500", $"one after the other on SQLite; bare SQLite commits: {Whole(bare)}/s"));
        figures.Add(new Figure("persist-all", Median(results.Select(result => result.Batched)), "events/s", ">= 20000", "PersistAll of 100 on SQLite"));
        figures.Add(new Figure("recovery", Median(results.Select(result => result.Recovery)), "events/s", ">= 100000", "50000 events of one actor, SQLite"));
    }

    private static async Task MeasureKills(List<Figure> figures, TextWriter log, CancellationToken cancellationToken)
    {
        var kills = new List<(double Removed, double Moved)>();
        for (var i = 0; i < Kills; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            log.WriteLine($"kill {i + 1} of {Kills}");
            kills.Add(await MemberProcesses.KillHost());
        }

        figures.Add(new Figure("removal", Median(kills.Select(kill => kill.Removed)), "s", "< 15", "SIGKILL of one of three processes, default settings"));
        figures.Add(new Figure("singleton-moved", Median(kills.Select(kill => kill.Moved)), "s", "< 15", "SIGKILL of the singleton's host, default settings"));
    }

    private static string Whole(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>The median of the repetitions that follow one that only warms up.</summary>
    private static async Task<double> Medians(Func<Task<double>> measure, CancellationToken cancellationToken)
    {
        var values = new List<double>();
        for (var i = 0; i <= Repetitions; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            values.Add(await measure());
        }

        return Median(values.Skip(1));
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
