namespace Orchestrator.Storage.Files;

/// <summary>The file system's errors, as errors of this engine.</summary>
internal static class FileErrors
{
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
            throw new StorageException($"{directory} at {directory.Path}: {e.Message}", e);
        }
    }

    /// <inheritdoc cref="Named{T}(CollectionDirectory, Func{T})"/>
    public static void Named(CollectionDirectory directory, Action work) => Named(directory, () =>
    {
        work();
        return 0;
    });

    public static bool IsOfFiles(Exception e) => e is IOException or UnauthorizedAccessException;
}
