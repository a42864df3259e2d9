using System.Diagnostics;
using System.Runtime.InteropServices;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Tests.Support;
using Xunit.Abstractions;

namespace Orchestrator.Storage.Tests;

/// <summary>A real process is killed at random moments while it writes and compacts; then its files are looked at.</summary>
public sealed class CrashProcessTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 6;
    private readonly TemporaryDirectory directory = new();
    private readonly Dictionary<string, string> acknowledged = [];
    private readonly Dictionary<string, string?> inFlight = [];

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_killed_process_loses_no_acknowledged_write_and_brings_nothing_deleted_back()
    {
        const int seed = 77;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var compactions = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            compactions += RunAndKill(seed + kill, lines: random.Next(200, 3000));
            Compare();
        }

        output.WriteLine($"{compactions} compactions came to their end, {acknowledged.Count} documents");
        Assert.True(compactions > 0);
        using (var store = Open())
        {
            Stores.Compact(store);
        }

        Compare();
        CompactionTests.AssertNoDebris(Path.Combine(directory.Path, "data"));
    }

    private CollectionStore Open() => Stores.Open(directory, null, null, Stores.ByCity);

    private int RunAndKill(int seed, int lines)
    {
        var compactions = 0;
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        using var process = Process.Start(new ProcessStartInfo(host)
        {
            ArgumentList =
            {
                "exec", typeof(Program).Assembly.Location, "write-until-killed", Path.Combine(directory.Path, "data"), $"{seed}",
            },
            RedirectStandardOutput = true,
        })!;
        try
        {
            for (var i = 0; i < lines; i++)
            {
                compactions += Take(process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The process ended."));
            }
        }
        finally
        {
            process.Kill();
        }

        while (process.StandardOutput.ReadLine() is { } line)
        {
            compactions += Take(line);
        }

        process.WaitForExit();
        return compactions;
    }

    private int Take(string line)
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
            case "opened":
                output.WriteLine(line);
                break;
            case "compacted":
                return 1;
            default:
                // A line that was being written at the kill: its batch was not committed yet.
                break;
        }

        return 0;
    }

    /// <summary>The files have what was acknowledged, and of the batch in flight all or nothing.</summary>
    private void Compare()
    {
        using var store = Open();
        var found = store.Scan().ToDictionary(document => document.Id, document => document.Body.Json());
        var withInFlight = new Dictionary<string, string>(acknowledged);
        Merge(withInFlight, inFlight);
        var committed = inFlight.Count > 0 && inFlight.All(pair => found.GetValueOrDefault(pair.Key) == pair.Value);
        var expected = committed ? withInFlight : acknowledged;
        Assert.Equal(expected.OrderBy(pair => pair.Key), found.OrderBy(pair => pair.Key));
        Assert.Equal(found.Count, store.LookUp("by-city", new IndexQuery(null, null, 10_000)).Count);
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
