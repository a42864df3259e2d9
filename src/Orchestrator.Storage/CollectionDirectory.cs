using System.Text.RegularExpressions;
using Orchestrator.Storage.Compaction;

namespace Orchestrator.Storage;

/// <summary>Where one collection's files are: <c>&lt;data&gt;/&lt;database&gt;/&lt;collection&gt;</c>.</summary>
public sealed partial record CollectionDirectory
{
    /// <summary>Names the directory; nothing is created before the collection is opened.</summary>
    /// <param name="dataDirectory">The node's data directory.</param>
    /// <param name="database">See <see cref="IsValidName"/>.</param>
    /// <param name="collection">See <see cref="IsValidName"/>.</param>
    /// <exception cref="ArgumentException">A name is not allowed; the message says which one.</exception>
    public CollectionDirectory(string dataDirectory, string database, string collection)
    {
        ArgumentException.ThrowIfNullOrEmpty(dataDirectory);
        RequireName("database", database);
        RequireName("collection", collection);
        DataDirectory = dataDirectory;
        Database = database;
        Collection = collection;
        Path = System.IO.Path.GetFullPath(System.IO.Path.Combine(dataDirectory, database, collection));
    }

    public string DataDirectory { get; }

    public string Database { get; }

    public string Collection { get; }

    /// <summary>Absolute path of the collection's directory.</summary>
    public string Path { get; }

    internal string Documents => System.IO.Path.Combine(Path, "documents.sqlite");

    internal string DocumentsCopy => Documents + CopyFile.Suffix;

    internal string SwapIntent => Documents + ".swap";

    internal string Received => System.IO.Path.Combine(Path, "received.sqlite");

    internal string Indexes => System.IO.Path.Combine(Path, "indexes");

    /// <summary>Where what was dropped or put aside is kept for the operator.</summary>
    public string RollBacks => System.IO.Path.Combine(Path, "rollback");

    internal string ResyncOrder => System.IO.Path.Combine(Path, "resync.order");

    internal string Lock => System.IO.Path.Combine(Path, "collection.lock");

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
