using System.Text.Json.Nodes;

namespace Orchestrator.HttpDoubles.RavenDb;

/// <summary>A server-wide operation of one node, as <c>/operations/state</c> shows it.</summary>
public sealed class RavenDoubleOperation
{
    // Together, so that no answer has the one without the other.
    private volatile Tuple<string, JsonObject?> _state = new("InProgress", null);

    public string Status => _state.Item1;

    public JsonObject? Progress { get; set; }

    public bool IsKilled { get; set; }

    /// <summary>Ends the wait of the work.</summary>
    public TaskCompletionSource Killed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Complete(JsonObject result) => _state = new("Completed", result);

    public void Fault(string type, string message) => _state = new("Faulted", new JsonObject
    {
        ["Type"] = type,
        ["Message"] = message,
        ["Error"] = $"{type}: {message}\r\n   at Raven.Server.Documents.CompactDatabaseTask.Execute()",
        ["StatusCode"] = 500,
    });

    public void Cancel() => _state = new("Canceled", null);

    public JsonObject ToJson()
    {
        var (status, result) = _state;
        return new JsonObject
        {
            ["Progress"] = Progress?.DeepClone(),
            ["Result"] = result?.DeepClone(),
            ["Status"] = status,
        };
    }
}
