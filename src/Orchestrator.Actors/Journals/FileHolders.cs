using System.Globalization;

namespace Orchestrator.Actors.Journals;

/// <summary>Which other processes have a file open, for messages to an operator: as far as Linux lets this user see, see proc(5).</summary>
internal static class FileHolders
{
    private const string Processes = "/proc";
    private const int MostTold = 8;

    /// <summary>For example "4711 (orchestrator, stopped), 4712 (orchestrator)"; empty where it cannot be told.</summary>
    public static string Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "";
        }
        try
        {
            var own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            var found = Directory.EnumerateDirectories(Processes)
                .Where(process => char.IsAsciiDigit(Path.GetFileName(process)[0]) && Path.GetFileName(process) != own && Has(process, path))
                .Take(MostTold)
                .Select(Describe);
            return string.Join(", ", found);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static bool Has(string process, string path)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(file => new FileInfo(file).LinkTarget == path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is another user's.
            return false;
        }
    }

    /// <summary>The line is "pid (name) state ...", and the name may contain anything.</summary>
    private static string Describe(string process)
    {
        var id = Path.GetFileName(process);
        try
        {
            var line = File.ReadAllText(Path.Combine(process, "stat"));
            var end = line.LastIndexOf(')');
            var name = line[(line.IndexOf('(') + 1)..end];
            return line[end + 2] is 'T' or 't' ? $"{id} ({name}, stopped)" : $"{id} ({name})";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return id;
        }
    }
}
