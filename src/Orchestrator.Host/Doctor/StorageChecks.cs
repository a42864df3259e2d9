using Orchestrator.Core;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Doctor;

/// <summary>Whether there is room to write, and the journal can be opened. Leaves nothing behind.</summary>
internal static class StorageChecks
{
    /// <summary>Less than this, in bytes, is too little to start with.</summary>
    private const long LeastFree = 100L << 20;

    private const string DataCheck = "data-directory";
    private const string DataSetting = "orchestrator.node.data-directory";

    /// <param name="isRunning">Whether the process that is looked at runs already.</param>
    public static IReadOnlyList<Finding> Look(OrchestratorSettings settings, bool isRunning)
    {
        var found = new List<Finding>();
        if (settings.Roles.Node)
        {
            found.AddRange(Directory(DataCheck, DataSetting, settings.Node.DataDirectory, settings.Supervisor.DiskLowShare));
            if (!isRunning && found.TrueForAll(finding => finding.State != FindingState.Fail)
                && DataDirectory.IsInUse(settings.Node.DataDirectory))
            {
                found.Add(Finding.Fail(
                    DataCheck, $"Another process uses {settings.Node.DataDirectory}.", $"Stop that process, or give each node a {DataSetting} of its own."));
            }
        }

        if (settings.Log.File.Length > 0)
        {
            found.AddRange(Directory("log-directory", "orchestrator.log.file", Path.GetDirectoryName(settings.Log.File)!, settings.Supervisor.DiskLowShare));
        }

        if (settings.Roles.Supervisor)
        {
            found.AddRange(Journal(settings));
        }

        found.AddRange(OpenToAll(settings));
        return found;
    }

    /// <summary>Files of an earlier version, or of other programs, have the rights that they were given.</summary>
    private static IEnumerable<Finding> OpenToAll(OrchestratorSettings settings)
    {
        string[] files =
        [
            .. settings.Roles.Node ? [settings.Node.DataDirectory] : (string[])[],
            .. settings.Roles.Supervisor && settings.Journal.File.Length > 0 ? [settings.Journal.File] : (string[])[],
            .. settings.SecretFiles,
        ];
        return files.Where(PrivateFiles.IsOpenToAll).Select(file => Finding.Warn(
            "file-permissions", $"Every user of this machine can read {file}.", $"Take that right away: chmod go= {file}"));
    }

    private static IEnumerable<Finding> Journal(OrchestratorSettings settings)
    {
        const string check = "journal";
        var file = settings.Journal.File;
        if (file.Length > 0)
        {
            foreach (var finding in Directory("journal-directory", "orchestrator.journal.file", Path.GetDirectoryName(file)!, settings.Supervisor.DiskLowShare))
            {
                yield return finding;
            }

            if (!File.Exists(file))
            {
                yield return Finding.Ok(check, $"{file} does not exist yet; the first start makes it.");
                yield break;
            }
        }

        yield return settings.Journal.Database.Check() is { } trouble
            ? Finding.Fail(check, ReasonText.Sentence(trouble), "The supervisor waits until the journal can be opened.")
            : Finding.Ok(check, $"{(file.Length > 0 ? file : "The configured database")} can be opened.");
    }

    private static IEnumerable<Finding> Directory(string check, string setting, string directory, double lowShare)
    {
        // What does not exist yet will be made below the nearest directory that does.
        var there = new DirectoryInfo(directory);
        while (!there.Exists && there.Parent is { } parent)
        {
            there = parent;
        }

        if (Problem(directory, there.FullName) is { } problem)
        {
            yield return Finding.Fail(check, $"{directory} cannot be written: {problem}.", $"Give this user the right to write there, or correct {setting}.");
            yield break;
        }

        var drive = new DriveInfo(there.FullName);
        var (free, size) = (drive.AvailableFreeSpace, drive.TotalSize);
        var text = $"{directory} {(there.FullName == directory ? "can be written" : "does not exist yet and can be made")}; {Human.Bytes(free)} of its disk's {Human.Bytes(size)} are free.";
        const string room = "Make room on the disk, or use a larger one.";
        yield return free < LeastFree ? Finding.Fail(check, text, room)
            : free < lowShare * size ? Finding.Warn(check, text, room)
            : Finding.Ok(check, text);
    }

    /// <param name="wanted">The directory that is needed.</param>
    /// <param name="directory">It, or the one below which it will be made.</param>
    private static string? Problem(string wanted, string directory)
    {
        for (var part = wanted; part.Length > directory.Length; part = Path.GetDirectoryName(part)!)
        {
            if (File.Exists(part))
            {
                return $"{part} is a file";
            }
        }

        try
        {
            using var probe = new FileStream(
                Path.Combine(directory, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return FileProblem.Of(e, "");
        }
    }
}
