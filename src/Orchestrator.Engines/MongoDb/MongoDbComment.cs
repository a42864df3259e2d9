using MongoDB.Bson;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Engines.MongoDb;

/// <summary>The comment of a compaction, which MongoDB shows as long as it is at work: it names run, step and attempt.</summary>
internal static class MongoDbComment
{
    public const string Field = "orchestrator";

    /// <param name="text">What the request says; empty for nothing.</param>
    public static BsonDocument Of(CompactionTicket ticket, string text)
    {
        var comment = new BsonDocument(Field, TicketJobId.TextOf(ticket));
        return text.Length > 0 ? comment.Add("comment", text) : comment;
    }
}
