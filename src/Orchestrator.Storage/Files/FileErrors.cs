using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Files;

/// <summary>The file system's errors, as errors of this engine.</summary>
internal static class FileErrors
{
    public const string DiskFull = "the disk is full; make room on it";

    /// <summary>Runs <paramref name="work"/>; an error of the file system is thrown as one that names the collection too.</summary>
    /// <exception cref="StorageException"/>
    public static T Named<T>(CollectionDirectory directory, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            throw new StorageException($"{directory} at {directory.Path}: {Say(e)}", e);
        }
    }

    /// <inheritdoc cref="Named{T}(CollectionDirectory, Func{T})"/>
    public static void Named(CollectionDirectory directory, Action work) => Named(directory, () =>
    {
        work();
        return 0;
    });

    /// <summary>What went wrong, as people read it.</summary>
    public static string Say(Exception e) => SqliteErrors.IsDiskFull(e) ? DiskFull : e.Message;

    public static bool IsOfFiles(Exception e) => e is IOException or UnauthorizedAccessException;
}
