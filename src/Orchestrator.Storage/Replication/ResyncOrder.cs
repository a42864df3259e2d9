using System.Globalization;
using System.Text;
using Orchestrator.Storage.Files;

namespace Orchestrator.Storage.Replication;

/// <summary>The order to begin anew with an empty collection that is to be copied from another member: given, and carried out at the next opening.</summary>
internal static class ResyncOrder
{
    private const string AllMoved = "moved";

    /// <summary>See <see cref="CollectionStore.OrderResync"/>.</summary>
    public static void Give(CollectionDirectory directory, StorageOptions options)
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
    /// <remarks>
    /// The order gets the name before the first file is moved, so that after a crash the rest follows into the same directory: a
    /// documents file apart from its write-ahead log would lack what only that has. And it is told when all are moved: what is found in
    /// their place after that is of the new collection, holds nothing, and must not get among them.
    /// </remarks>
    /// <returns>Where the former files are; null if there was no order.</returns>
    public static string? PutAside(CollectionDirectory directory, StorageOptions options, DateTimeOffset now)
    {
        var files = options.Files;
        if (!files.Exists(directory.ResyncOrder))
        {
            return null;
        }

        var order = Encoding.UTF8.GetString(files.ReadAll(directory.ResyncOrder)).Split(' ');
        var name = Path.GetFileName(order[0]);
        if (name.Length == 0)
        {
            name = "resync-" + now.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
            WriteOrder(directory, files, name);
        }

        var aside = Path.Combine(directory.RollBacks, name);
        var former = files.List(directory.Path).Where(file => file != directory.Lock && !file.StartsWith(directory.ResyncOrder, StringComparison.Ordinal)).ToList();
        var formerIndexes = files.List(directory.Indexes);
        if (order.Contains(AllMoved))
        {
            foreach (var file in former.Concat(formerIndexes))
            {
                files.Delete(file);
            }
        }
        else
        {
            Move(files, former, aside);
            Move(files, formerIndexes, Path.Combine(aside, "indexes"));
        }

        files.SyncDirectory(directory.Path);
        files.SyncDirectory(directory.Indexes);
        WriteOrder(directory, files, $"{name} {AllMoved}");
        return aside;
    }

    /// <summary>The new file knows on disk that it is not complete: the order is carried out.</summary>
    public static void Forget(CollectionDirectory directory, StorageOptions options)
    {
        options.Files.Delete(directory.ResyncOrder);
        options.Files.SyncDirectory(directory.Path);
    }

    private static void WriteOrder(CollectionDirectory directory, FileLayer files, string order) =>
        files.WriteDurably(directory.ResyncOrder, stream => stream.Write(Encoding.UTF8.GetBytes(order)));

    private static void Move(FileLayer files, IEnumerable<string> all, string to)
    {
        files.CreateDirectory(to);
        foreach (var file in all)
        {
            files.Rename(file, Path.Combine(to, Path.GetFileName(file)));
        }

        files.SyncDirectory(to);
    }
}
