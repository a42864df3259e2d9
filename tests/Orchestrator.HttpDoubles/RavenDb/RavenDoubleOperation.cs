using System.Text.Json.Nodes;

namespace Orchestrator.HttpDoubles.RavenDb;

/// <summary>A server-wide operation of one node, as <c>/operations/state</c> shows it.</summary>
public sealed class RavenDoubleOperation
{
    public string Status { get; private set; } = "InProgress";

    public JsonObject? Progress { get; set; }

    public JsonObject? Result { get; private set; }

    public bool IsKilled { get; set; }

    /// <summary>Ends the wait of the work.</summary>
    public TaskCompletionSource Killed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Complete(JsonObject result) => (Status, Result) = ("Completed", result);

    public void Fault(string type, string message) => (Status, Result) = ("Faulted", new JsonObject
    {
        ["Type"] = type,
        ["Message"] = message,
        ["Error"] = $"{type}: {message}\r\n   at Raven.Server.Documents.CompactDatabaseTask.Execute()",
        ["StatusCode"] = 500,
    });

    public void Cancel() => Status = "Canceled";

    public JsonObject ToJson() => new()
    {
        ["Progress"] = Progress?.DeepClone(),
        ["Result"] = Result?.DeepClone(),
        ["Status"] = Status,
    };
}
