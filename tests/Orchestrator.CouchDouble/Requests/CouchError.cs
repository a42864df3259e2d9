namespace Orchestrator.CouchDouble.Requests;

/// <summary>An answer that is an error.</summary>
internal sealed class CouchError(int status, string error, string reason) : Exception(reason)
{
    public int Status => status;

    public string Error => error;

    public static CouchError NoDatabase { get; } = new(404, "not_found", "Database does not exist.");

    public static CouchError Missing { get; } = new(404, "not_found", "missing");

    public static CouchError NotAllowed { get; } = new(405, "method_not_allowed", "Only other methods are allowed");
}
