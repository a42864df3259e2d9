namespace Orchestrator.CouchDouble.Requests;

/// <summary>An answer that is an error.</summary>
internal sealed class CouchError(int status, string error, string reason) : Exception(reason)
{
    public int Status => status;

    public string Error => error;

    public static CouchError NoDatabase { get; } = new(404, "not_found", "Database does not exist.");

    public static CouchError Missing { get; } = new(404, "not_found", "missing");

    /// <summary>What 1.x says of a database that is not there.</summary>
    public static CouchError NoFile { get; } = new(404, "not_found", "no_db_file");

    public static CouchError IllegalName(string name) => new(
        400,
        "illegal_database_name",
        $"Name: '{name}'. Only lowercase characters (a-z), digits (0-9), and any of the characters _, $, (, ), +, -, and / are allowed. Must begin with a letter.");

    public static CouchError NotAllowed { get; } = new(405, "method_not_allowed", "Only other methods are allowed");
}
