using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Orchestrator.Host.Formatting;

/// <summary>Why a file could not be read or written, in words for people.</summary>
internal static partial class FileProblem
{
    /// <summary>ENOSPC and EDQUOT of Linux, ERROR_DISK_FULL of Windows: the low half of the result.</summary>
    private static readonly int[] _noSpace = [28, 122, 112];

    /// <param name="path">As the user wrote it.</param>
    public static string Of(Exception exception, string path) => exception switch
    {
        FileNotFoundException => "there is no such file",
        DirectoryNotFoundException => "there is no such directory",
        _ when Directory.Exists(path) => "it is a directory",
        UnauthorizedAccessException => "the operating system denies access to it",
        PathTooLongException => "its name is too long",
        CryptographicException => "its content is not what belongs there, or the password is wrong",
        IOException when _noSpace.Contains(exception.HResult & 0xFFFF) => "the disk is full",
        _ => NamedFile().Replace(exception.Message, "").TrimEnd('.'),
    };

    /// <summary>The runtime adds the file's name to what the operating system says.</summary>
    [GeneratedRegex(@"\s*:\s*'[^']*'\.?$", RegexOptions.CultureInvariant)]
    private static partial Regex NamedFile();
}
