using System.Text;
using Orchestrator.Engines;

namespace Orchestrator.Host.Formatting;

/// <summary>Reads small files whole. A name can stand for a device that never ends, or for a file that somebody else writes.</summary>
internal static class BoundedFile
{
    /// <summary>Longer ones are refused.</summary>
    public const int MaxMegabytes = 16;

    private static readonly string[] _ofShell = ["/dev/stdin", "/dev/fd/", "/proc/self/fd/"];

    /// <summary>
    /// A text in UTF-8. Pipes are read where a shell has named them, as it does for <c>/dev/stdin</c> and <c>&lt;(command)</c>: these have
    /// somebody who writes. A pipe with a name of its own may have nobody.
    /// </summary>
    /// <param name="ofShell">Whether such a pipe may be read.</param>
    /// <exception cref="IOException">It cannot be read, is no file, or is too long.</exception>
    /// <exception cref="UnauthorizedAccessException"/>
    public static string ReadText(string path, bool ofShell = true)
    {
        if (!ofShell || !_ofShell.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal)))
        {
            RegularFile.Require(path);
        }

        using var file = File.OpenRead(path);
        var content = new byte[(MaxMegabytes << 20) + 1];
        var length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        using var reader = length < content.Length
            ? new StreamReader(new MemoryStream(content, 0, length), Encoding.UTF8)
            : throw new IOException($"it is longer than {MaxMegabytes} MiB");
        return reader.ReadToEnd();
    }
}
