namespace Orchestrator.Host.Formatting;

/// <summary>Why a file could not be read or written, in words for people.</summary>
internal static class FileProblem
{
    /// <param name="path">As the user wrote it.</param>
    public static string Of(Exception exception, string path) => exception switch
    {
        FileNotFoundException => "there is no such file",
        DirectoryNotFoundException => "there is no such directory",
        _ when Directory.Exists(path) => "it is a directory",
        UnauthorizedAccessException => "the operating system denies access to it",
        PathTooLongException => "its name is too long",
        _ => exception.Message.TrimEnd('.'),
    };
}
