using System.Globalization;
using Orchestrator.Storage.Files;

namespace Orchestrator.Storage;

/// <content>Beginning anew with an empty collection that is to be copied from another member.</content>
public sealed partial class CollectionStore
{
    /// <summary>
    /// Makes the next <see cref="Open"/> put all files of the collection aside, below <c>rollback/</c>, and begin with an empty
    /// one that is not <see cref="IsComplete"/> until it has been copied. For a collection that is not open, or is about to be
    /// closed. The order is on disk when it returns, and survives a crash at any point of its execution.
    /// </summary>
    public static void OrderResync(CollectionDirectory directory, StorageOptions options)
    {
        FileErrors.Named(directory, () =>
        {
            options.Files.CreateDirectory(directory.Path);
            options.Files.WriteDurably(directory.ResyncOrder, static _ => { });
        });
    }

    /// <summary>
    /// Carries an order out as far as files go. The order stays until the new file knows that it is not complete: after a
    /// crash in between, an empty collection would else pass for one that has nothing.
    /// </summary>
    /// <returns>Where the former files are; null if there was no order.</returns>
    private static string? PutAside(CollectionDirectory directory, StorageOptions options, DateTimeOffset now)
    {
        if (!options.Files.Exists(directory.ResyncOrder))
        {
            return null;
        }

        var name = "resync-" + now.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        var aside = Path.Combine(directory.RollBacks, name);
        Move(options.Files, directory.Path, aside, file => file != directory.Lock && file != directory.ResyncOrder);
        Move(options.Files, directory.Indexes, Path.Combine(aside, "indexes"), _ => true);
        options.Files.SyncDirectory(directory.Path);
        options.Files.SyncDirectory(directory.Indexes);
        return aside;
    }

    private static void Move(FileLayer files, string from, string to, Predicate<string> wanted)
    {
        files.CreateDirectory(to);
        foreach (var file in files.List(from).Where(file => wanted(file)))
        {
            files.Rename(file, Path.Combine(to, Path.GetFileName(file)));
        }

        files.SyncDirectory(to);
    }

    private void BeginResync(string aside)
    {
        documents.MarkIncomplete();
        options.Files.Delete(Directory.ResyncOrder);
        options.Files.SyncDirectory(Directory.Path);
        Note($"The collection is copied anew from another member; its former files are in {aside}.");
    }
}
