namespace Orchestrator.Embedded.Nodes;

/// <summary>The files that a node keeps for itself, in its data directory beside the directories of the databases.</summary>
public static class NodeFiles
{
    public const string Member = "member.json";

    public const string Confirmed = "confirmed.json";

    public const string Compactions = "compactions.json";

    public const string Orders = "orders.json";

    private static readonly string[] _all = [.. typeof(NodeFiles).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!)];

    /// <summary>
    /// Whether a database of this name would stand where one of the files is, is written (<c>.tmp</c>) or is put aside (<c>.damaged-1</c>),
    /// in whichever case: some file systems do not tell them apart.
    /// </summary>
    public static bool Include(string database) => Array.Exists(
        _all,
        file => database.StartsWith(file, StringComparison.OrdinalIgnoreCase) && (database.Length == file.Length || database[file.Length] == '.'));
}
