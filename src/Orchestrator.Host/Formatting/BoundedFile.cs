using System.Text;

namespace Orchestrator.Host.Formatting;

/// <summary>Reads small files whole. A name can stand for a device that never ends, or for a file that somebody else writes.</summary>
internal static class BoundedFile
{
    /// <summary>Longer ones are refused.</summary>
    public const int MaxMegabytes = 16;

    /// <summary>A text in UTF-8.</summary>
    /// <exception cref="IOException">It cannot be read, or is too long.</exception>
    /// <exception cref="UnauthorizedAccessException"/>
    public static string ReadText(string path)
    {
        using var file = File.OpenRead(path);
        var content = new byte[(MaxMegabytes << 20) + 1];
        var length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        using var reader = length < content.Length
            ? new StreamReader(new MemoryStream(content, 0, length), Encoding.UTF8)
            : throw new IOException($"it is longer than {MaxMegabytes} MiB");
        return reader.ReadToEnd();
    }
}
