using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Tests.Support;
using Xunit.Abstractions;

namespace Orchestrator.Storage.Tests;

/// <summary>
/// Real processes are killed while they write and compact in all modes: at every stage boundary, and at random moments. After
/// each kill the files are opened and compared with what was acknowledged; the next process goes on with them.
/// </summary>
public sealed class CrashProcessTests(ITestOutputHelper output) : IDisposable
{
    private const int Lanes = 4;
    private static readonly int KillsAtEachPoint = LongTests.AreWanted ? 5 : 1;
    private static readonly int RandomKills = LongTests.AreWanted ? 104 : 10;
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_killed_process_loses_no_acknowledged_write_and_brings_nothing_deleted_back()
    {
        const int seed = 77;
        output.WriteLine($"seed {seed}");
        var points = CrashTests.PointsOfOneMember;
        var kills = Enumerable.Range(0, KillsAtEachPoint).SelectMany(_ => points).Concat(Enumerable.Repeat("", RandomKills)).ToArray();
        new Random(seed).Shuffle(kills);
        var queue = new ConcurrentQueue<(int Number, string Point)>(kills.Select((point, number) => (number, point)));
        var lanes = Enumerable.Range(0, Lanes).Select(i => new Lane(Path.Combine(directory.Path, $"lane-{i}"), seed + (1000 * i))).ToList();
        await Task.WhenAll(lanes.Select(lane => Task.Factory.StartNew(
            () =>
            {
                while (queue.TryDequeue(out var kill))
                {
                    lane.RunAndKill(kill.Number, kill.Point);
                }

                lane.Finish();
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        var compactions = lanes.SelectMany(lane => lane.Compactions).CountBy(mode => mode).OrderBy(each => each.Key).ToList();
        output.WriteLine($"{kills.Length} kills; compactions that came to their end: {string.Join(", ", compactions)}");
        output.WriteLine($"found at opening: {string.Join(", ", lanes.SelectMany(lane => lane.Opened).CountBy(state => state))}");
        Assert.Equal(4, compactions.Count);
    }

    /// <summary>One collection, and the processes that were killed over it one after the other.</summary>
    private sealed class Lane(string data, int seed)
    {
        private readonly Dictionary<string, string> acknowledged = [];
        private readonly Dictionary<string, string?> inFlight = [];

        public List<string> Compactions { get; } = [];

        public List<StartUpState> Opened { get; } = [];

        /// <param name="point">Where the process kills itself; empty = it is killed after some lines of its output.</param>
        public void RunAndKill(int number, string point)
        {
            var random = new Random(seed + number);
            var what = $"kill {number} at '{point}' of lane {seed} (seed {seed + number})";
            var lines = point.Length > 0 ? int.MaxValue : random.Next(1, 500);
            using var process = Start(seed + number, point, random.Next(1, 4));
            try
            {
                for (var i = 0; i < lines && process.StandardOutput.ReadLine() is { } line; i++)
                {
                    Take(line);
                }
            }
            finally
            {
                process.Kill();
            }

            while (process.StandardOutput.ReadLine() is { } line)
            {
                Take(line);
            }

            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(errors.Length == 0, $"{what}: {errors}");
            Compare(what, Program.CompressionOf(seed + number));
        }

        public void Finish()
        {
            using (var store = Stores.OpenAt(data, null, null, Stores.ByCity))
            {
                Stores.Compact(store);
            }

            Compare($"the end of lane {seed}", CompressionSetting.None);
            CompactionTests.AssertNoDebris(data);
        }

        private Process Start(int childSeed, string point, int hits)
        {
            var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
            var start = new ProcessStartInfo(host)
            {
                ArgumentList = { "exec", typeof(Program).Assembly.Location, "write-until-killed", data, $"{childSeed}" },
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            if (point.Length > 0)
            {
                start.ArgumentList.Add(point);
                start.ArgumentList.Add(hits.ToString(CultureInfo.InvariantCulture));
            }

            return Process.Start(start)!;
        }

        private void Take(string line)
        {
            var words = line.Split(' ', 3);
            switch (words[0])
            {
                case "put" when words.Length == 3:
                    inFlight[words[1]] = words[2];
                    break;
                case "delete" when words.Length == 2:
                    inFlight[words[1]] = null;
                    break;
                case "committed":
                    Merge(acknowledged, inFlight);
                    inFlight.Clear();
                    break;
                case "compacted" when words.Length == 2:
                    Compactions.Add(words[1]);
                    break;
                default:
                    // A line that was being written at the kill: its batch was not committed yet.
                    break;
            }
        }

        /// <summary>The files have what was acknowledged, and of the batch in flight all or nothing.</summary>
        private void Compare(string what, CompressionSetting compression)
        {
            using var store = CollectionStore.Open(
                new CollectionDirectory(data, Stores.Database, Stores.Collection),
                new CollectionSettings([Stores.ByCity, Program.ByBatch]) { Compression = compression },
                Stores.Small,
                TimeProvider.System);
            Opened.Add(store.OpenReport.State);
            var found = store.Scan().ToDictionary(document => document.Id, document => document.Body.Json());
            var withInFlight = new Dictionary<string, string>(acknowledged);
            Merge(withInFlight, inFlight);
            var committed = inFlight.Count > 0 && inFlight.All(pair => found.GetValueOrDefault(pair.Key) == pair.Value);
            var expected = committed ? withInFlight : acknowledged;
            Assert.True(
                expected.Count == found.Count && expected.All(pair => found.GetValueOrDefault(pair.Key) == pair.Value),
                $"{what}: {expected.Count} documents were acknowledged, {found.Count} are there: "
                + string.Join(", ", expected.Keys.Except(found.Keys).Concat(found.Keys.Except(expected.Keys)).Take(10)));
            Assert.All(store.Indexes, index => Assert.Equal(found.Count, store.LookUp(index.Name, new IndexQuery(null, null, 10_000)).Count));
            Assert.Equal(2, store.Indexes.Count);
            var report = store.Verify();
            Assert.True(report.IsSound, $"{what}: {string.Join("; ", report.Problems)}");
            if (committed)
            {
                Merge(acknowledged, inFlight);
            }

            inFlight.Clear();
        }

        private static void Merge(Dictionary<string, string> into, Dictionary<string, string?> changes)
        {
            foreach (var (id, json) in changes)
            {
                if (json is null)
                {
                    into.Remove(id);
                }
                else
                {
                    into[id] = json;
                }
            }
        }
    }
}
