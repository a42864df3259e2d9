using System.Globalization;
using Xunit.Abstractions;

namespace Orchestrator.Storage.Tests.Support.Disk;

/// <summary>
/// Cuts the power at many points of what a disk has recorded. A sample of them by default; with the environment variable
/// <c>STORAGE_CUTS=n</c> n times as many, with <c>STORAGE_FAULTS=all</c> one after every change.
/// </summary>
internal static class PowerCuts
{
    /// <param name="images">How many points are chosen; the last one is always among them.</param>
    /// <param name="recover">Opens and checks what is found after the cut: gets the number of changes and the directory; tells the state found.</param>
    public static void Try(WatchedDisk disk, TemporaryDirectory directory, int seed, int images, ITestOutputHelper output, Func<int, string, string> recover)
    {
        var log = disk.Log ?? throw new InvalidOperationException("Nothing was recorded.");
        disk.Dispose();
        var random = new Random(seed);
        var points = Points(log, images, random);
        var cut = new PowerCut(log, disk.Directory);
        var states = new List<string>();
        foreach (var point in points)
        {
            cut.Advance(point);
            var unsynced = (Unsynced)random.Next(3);
            var last = log.Changes[point - 1];
            var image = Path.Combine(directory.Path, "image");
            Directory.CreateDirectory(image);
            cut.Write(image, unsynced, random);
            try
            {
                states.Add(recover(point, image));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(
                    $"seed {seed}, power cut after change {point} ({last.GetType().Name} {Path.GetFileName(last.Path)}), {unsynced}: {e.Message}", e);
            }

            Directory.Delete(image, recursive: true);
        }

        output.WriteLine($"seed {seed}: {log.Count} changes of the disk, {points.Count} images; {string.Join(", ", states.CountBy(state => state))}");
    }

    private static List<int> Points(DiskLog log, int images, Random random)
    {
        if (Environment.GetEnvironmentVariable("STORAGE_FAULTS") == "all")
        {
            return [.. Enumerable.Range(1, log.Count)];
        }

        var repeat = int.TryParse(Environment.GetEnvironmentVariable("STORAGE_CUTS"), CultureInfo.InvariantCulture, out var given) ? given : 1;
        return [.. Enumerable.Range(0, images * repeat).Select(_ => random.Next(1, log.Count + 1)).Append(log.Count).Order()];
    }
}
