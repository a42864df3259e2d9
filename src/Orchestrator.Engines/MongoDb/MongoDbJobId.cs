using System.Globalization;
using MongoDB.Bson;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Engines.MongoDb;

/// <summary>
/// What can be seen again of a compaction: MongoDB gives it no id that lasts, but shows its comment as long as it is at work. The comment
/// names run, step and attempt; the id, as <c>RUN/STEP/ATTEMPT@STARTED</c>, too.
/// </summary>
internal sealed record MongoDbJobId(CompactionTicket Ticket, DateTimeOffset StartedAt)
{
    public const string CommentField = "orchestrator";

    public static string TextOf(CompactionTicket ticket) =>
        string.Create(CultureInfo.InvariantCulture, $"{ticket.RunId}/{ticket.Step}/{ticket.Attempt}");

    /// <param name="text">What the request says; empty for nothing.</param>
    public static BsonDocument Comment(CompactionTicket ticket, string text)
    {
        var comment = new BsonDocument(CommentField, TextOf(ticket));
        return text.Length > 0 ? comment.Add("comment", text) : comment;
    }

    public JobId ToJobId() => new(string.Create(CultureInfo.InvariantCulture, $"{TextOf(Ticket)}@{StartedAt.ToUnixTimeMilliseconds()}"));

    /// <summary>Null if it is of no job of MongoDB.</summary>
    public static MongoDbJobId? Parse(JobId id) =>
        id.Value.Split('@') is [var ticket, var started]
        && long.TryParse(started, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
        && ticket.Split('/') is [var run, var step, var attempt]
        && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var stepNumber)
        && int.TryParse(attempt, NumberStyles.None, CultureInfo.InvariantCulture, out var attemptNumber)
            ? new MongoDbJobId(new CompactionTicket(run, stepNumber, attemptNumber), DateTimeOffset.FromUnixTimeMilliseconds(at))
            : null;
}
