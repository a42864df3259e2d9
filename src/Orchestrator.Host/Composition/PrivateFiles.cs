using System.Runtime.InteropServices;

namespace Orchestrator.Host.Composition;

/// <summary>What the program writes is for its own user: data, journals, backups, exports and logs hold what others must not read.</summary>
internal static class PrivateFiles
{
    // umask(2): the rights that new files do not get. 077, and its part for users outside of the group.
    private const int ForNobodyElse = 0x3F;
    private const int Others = 7;

    /// <summary>
    /// From now on files of this process are created with mode 0600, directories with 0700. Files that exist keep theirs. Who has
    /// set a mask that keeps others out, such as 027, has decided about the group, and keeps that.
    /// </summary>
    public static void Begin()
    {
        if (!OperatingSystem.IsWindows() && SetMask(ForNobodyElse) is var former && (former & Others) == Others)
        {
            SetMask(former);
        }
    }

    /// <summary>Whether everybody on the machine may read a file, or list a directory.</summary>
    public static bool IsOpenToAll(string path) =>
        !OperatingSystem.IsWindows()
        && Path.Exists(path)
        && (File.GetUnixFileMode(path) & UnixFileMode.OtherRead) != 0
        && Path.GetDirectoryName(path) is var directory
        && (directory is null || (File.GetUnixFileMode(directory) & UnixFileMode.OtherExecute) != 0);

    [DllImport("libc", EntryPoint = "umask")]
    private static extern int SetMask(int mask);
}
