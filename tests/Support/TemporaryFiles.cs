namespace Orchestrator.Tests;

/// <summary>What tests leave on the disk.</summary>
internal static class TemporaryFiles
{
    private const int Tries = 50;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Deletes a directory with all that is in it. Whoever ends at this moment may put one more file there: it is deleted again then, and what is
    /// there even so stays with the machine's temporary files.
    /// </summary>
    public static void Delete(string directory)
    {
        for (var tries = 0; Directory.Exists(directory) && tries < Tries; tries++)
        {
            try
            {
                Directory.Delete(directory, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Task.Delay(Pause).GetAwaiter().GetResult();
            }
        }
    }
}
