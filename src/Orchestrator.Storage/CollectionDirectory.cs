using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Files;

namespace Orchestrator.Storage;

/// <summary>
/// Where one collection's files are: <c>&lt;data&gt;/&lt;database&gt;/&lt;collection&gt;</c>, with <c>~2</c> and so on for the second collection of
/// that name, after the first one was dropped.
/// </summary>
public sealed partial record CollectionDirectory
{
    /// <summary>The file with the documents, in a collection's directory.</summary>
    public const string DocumentsFile = "documents.sqlite";

    /// <summary>Names the directory; nothing is created before the collection is opened.</summary>
    /// <param name="dataDirectory">The node's data directory.</param>
    /// <param name="database">See <see cref="IsValidName"/>.</param>
    /// <param name="collection">See <see cref="IsValidName"/>.</param>
    /// <param name="incarnation">How many collections of that name there have been, with this one.</param>
    /// <exception cref="ArgumentException">A name is not allowed; the message says which one.</exception>
    public CollectionDirectory(string dataDirectory, string database, string collection, int incarnation = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(incarnation, 1);
        ArgumentException.ThrowIfNullOrEmpty(dataDirectory);
        RequireName("database", database);
        RequireName("collection", collection);
        DataDirectory = dataDirectory;
        Database = database;
        Collection = collection;
        Path = System.IO.Path.GetFullPath(System.IO.Path.Combine(dataDirectory, database, NameOf(collection, incarnation)));
    }

    /// <summary>The collection of a directory that is there; null if its name is not that of a collection's directory.</summary>
    /// <param name="path">Its path.</param>
    public static CollectionDirectory? Of(string path)
    {
        var database = System.IO.Path.GetDirectoryName(path)!;
        var (name, incarnation) = (System.IO.Path.GetFileName(path), 1);
        if (name.LastIndexOf('~') is >= 0 and var mark)
        {
            if (!int.TryParse(name[(mark + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out incarnation) || incarnation < 2)
            {
                return null;
            }

            name = name[..mark];
        }

        return IsValidName(name) && IsValidName(System.IO.Path.GetFileName(database))
            ? new CollectionDirectory(System.IO.Path.GetDirectoryName(database)!, System.IO.Path.GetFileName(database), name, incarnation)
            : null;
    }

    public string DataDirectory { get; }

    public string Database { get; }

    public string Collection { get; }

    /// <summary>Absolute path of the collection's directory.</summary>
    public string Path { get; }

    internal string Documents => System.IO.Path.Combine(Path, DocumentsFile);

    internal string DocumentsCopy => Documents + CopyFile.Suffix;

    internal string SwapIntent => Documents + ".swap";

    internal string Received => System.IO.Path.Combine(Path, "received.sqlite");

    internal string Indexes => System.IO.Path.Combine(Path, "indexes");

    /// <summary>Where what was dropped or put aside is kept for the operator.</summary>
    public string RollBacks => System.IO.Path.Combine(Path, "rollback");

    internal string ResyncOrder => System.IO.Path.Combine(Path, "resync.order");

    internal string Lock => System.IO.Path.Combine(Path, "collection.lock");

    /// <summary>Whether a process has the collection open.</summary>
    /// <exception cref="UnauthorizedAccessException">The files of the collection are not for this user.</exception>
    public bool IsInUse()
    {
        try
        {
            using (new FileStream(Lock, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1))
            {
                return false;
            }
        }
        catch (IOException e)
        {
            return CollectionLock.IsHeld(e);
        }
    }

    /// <summary>Tells collections of one name apart, of which the former ones were dropped: with <c>~2</c> and so on, which no name has.</summary>
    public static string NameOf(string collection, int incarnation) =>
        incarnation == 1 ? collection : string.Create(CultureInfo.InvariantCulture, $"{collection}~{incarnation}");

    /// <summary>Removes all files of a collection that is not open, for good.</summary>
    /// <returns>Whether there were any.</returns>
    /// <exception cref="StorageException">They cannot be removed.</exception>
    public bool Remove()
    {
        try
        {
            if (!Directory.Exists(Path))
            {
                return false;
            }

            Directory.Delete(Path, recursive: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{Path} cannot be removed: {e.Message}", e);
        }
    }

    /// <summary>
    /// True for 1 to 64 letters, digits, '_', '-' and '.', which do not begin with '.' or '-': safe as a directory name.
    /// </summary>
    public static bool IsValidName(string? name) => name is not null && NamePattern().IsMatch(name);

    public override string ToString() => $"{Database}/{Collection}";

    /// <summary>What is wrong with a name that is not valid.</summary>
    public static string WhyInvalid(string name) =>
        $"must be 1 to 64 letters, digits, '_', '-' and '.', and begin with a letter, a digit or '_', not '{name}'";

    internal static void RequireName(string what, string name)
    {
        if (!IsValidName(name))
        {
            throw new ArgumentException(
                $"The {what} name {WhyInvalid(name)}.",
                what);
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
