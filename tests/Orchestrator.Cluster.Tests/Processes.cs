using Orchestrator.Host.Demo;

namespace Orchestrator.Cluster.Tests;

/// <summary>Looks at the machine's processes (Linux).</summary>
internal static class Processes
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private const int MaxPolls = 900;

    /// <summary>Ids of the processes whose command line names a path.</summary>
    public static IReadOnlyList<int> Naming(string path)
    {
        var found = new List<int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out var id))
            {
                continue;
            }

            try
            {
                if (File.ReadAllText(Path.Combine(directory, "cmdline")).Contains(path, StringComparison.Ordinal))
                {
                    found.Add(id);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile, or is none of ours.
            }
        }

        return found;
    }

    /// <summary>Starts a process that must not go on, and waits until it has ended by itself.</summary>
    public static async Task<(int ExitCode, string LastWords)> RunToEnd(NodePlace place, string configFile, string logFile)
    {
        await using var process = NodeProcess.Start(place, configFile, logFile);
        process.ExpectEnd();
        await process.Exited.WaitAsync(TestCluster.Patience);
        return (process.ExitCode, process.LastWords);
    }

    /// <summary>Waits for something that other processes do, three minutes at most.</summary>
    public static async Task WaitUntil(Func<bool> condition)
    {
        for (var i = 0; i < MaxPolls; i++)
        {
            if (condition())
            {
                return;
            }

            await Task.Delay(Poll);
        }

        Assert.Fail("what was waited for did not happen within three minutes");
    }
}
