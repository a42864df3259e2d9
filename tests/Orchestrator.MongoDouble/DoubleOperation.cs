using MongoDB.Bson;

namespace Orchestrator.MongoDouble;

/// <summary>An operation that a member carries out, as <c>currentOp</c> shows it.</summary>
internal sealed class DoubleOperation(int id, string ns, BsonDocument command, long startedAt)
{
    private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Id => id;

    public string Namespace => ns;

    public BsonDocument Command => command;

    public long StartedAt => startedAt;

    public Task Killed => _killed.Task;

    public bool IsKilled => _killed.Task.IsCompleted;

    /// <summary>0 to 1.</summary>
    public double Fraction { get; set; }

    public void Kill() => _killed.TrySetResult();
}
