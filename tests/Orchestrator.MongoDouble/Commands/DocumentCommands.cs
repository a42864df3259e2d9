using System.Collections.Concurrent;
using MongoDB.Bson;

namespace Orchestrator.MongoDouble.Commands;

/// <summary>Documents: as much as clients need here, with filters by equality. What is written is in every member at once.</summary>
internal static class DocumentCommands
{
    private static readonly ConcurrentDictionary<long, (string Ns, Queue<BsonDocument> Left)> Cursors = new();
    private static long _cursors;

    public static void Register(Registration add)
    {
        var any = new Version(0, 0);
        add("find", new CommandEntry("find", new Version(3, 2), true, context => Task.FromResult(Find(context))));
        add("count", new CommandEntry("find", any, true, context => Task.FromResult(Count(context))));
        add("getMore", new CommandEntry("", new Version(3, 2), false, context => Task.FromResult(GetMore(context))));
        add("insert", new CommandEntry("insert", any, false, context => Task.FromResult(Write(context, Insert))));
        add("update", new CommandEntry("update", any, false, context => Task.FromResult(Write(context, Update))));
        add("delete", new CommandEntry("remove", any, false, context => Task.FromResult(Write(context, Delete))));
    }

    /// <summary>The first batch of a cursor; the client fetches the rest by getMore.</summary>
    public static BsonDocument FirstBatch(CommandContext context, string ns, IReadOnlyList<BsonDocument> all, int batch)
    {
        var answer = CommandContext.Cursor(ns, all.Take(batch));
        if (all.Count > batch)
        {
            var id = Interlocked.Increment(ref _cursors);
            Cursors[id] = (ns, new Queue<BsonDocument>(all.Skip(batch)));
            answer["cursor"]["id"] = id;
        }

        return answer;
    }

    private static BsonDocument GetMore(CommandContext context)
    {
        var id = context.Value.ToInt64();
        if (!Cursors.TryGetValue(id, out var cursor))
        {
            throw new CommandError(43, "CursorNotFound", $"cursor id {id} not found");
        }

        var batch = new BsonArray();
        for (var wanted = context.Int("batchSize", int.MaxValue); wanted > 0 && cursor.Left.TryDequeue(out var next); wanted--)
        {
            batch.Add(next);
        }

        var isDone = cursor.Left.Count == 0;
        if (isDone)
        {
            Cursors.TryRemove(id, out _);
        }

        return CommandContext.Ok(new BsonDocument("cursor", new BsonDocument { { "id", isDone ? 0L : id }, { "ns", cursor.Ns }, { "nextBatch", batch } }));
    }

    /// <summary>What OP_QUERY finds in a collection.</summary>
    public static IReadOnlyList<BsonDocument> Query(CommandContext context, string ns) => Matching(context, ns, context.Command);

    private static BsonDocument Find(CommandContext context)
    {
        var ns = $"{context.Database}.{context.Value}";
        return CommandContext.Cursor(ns, Matching(context, ns, context.Command.GetValue("filter", new BsonDocument()).AsBsonDocument));
    }

    private static BsonDocument Count(CommandContext context) => CommandContext.Ok(new BsonDocument(
        "n", Matching(context, $"{context.Database}.{context.Value}", context.Command.GetValue("query", new BsonDocument()).AsBsonDocument).Count));

    private static List<BsonDocument> Matching(CommandContext context, string ns, BsonDocument filter)
    {
        if (!context.Member.Written.TryGetValue(ns, out var documents))
        {
            return [];
        }

        lock (documents)
        {
            return [.. documents.Where(document => Matches(document, filter)).Select(document => document.DeepClone().AsBsonDocument)];
        }
    }

    private static BsonDocument Write(CommandContext context, Func<List<BsonDocument>, BsonDocument, BsonDocument> write)
    {
        if (!context.Member.IsPrimaryOrStandalone)
        {
            throw new CommandError(10107, "NotWritablePrimary", "not primary");
        }

        var documents = context.Member.Written.GetOrAdd($"{context.Database}.{context.Value}", _ => []);
        lock (documents)
        {
            return CommandContext.Ok(write(documents, context.Command));
        }
    }

    private static BsonDocument Insert(List<BsonDocument> documents, BsonDocument command)
    {
        var inserted = 0;
        var errors = new BsonArray();
        foreach (var (document, index) in command["documents"].AsBsonArray.Select((document, index) => (document.AsBsonDocument, index)))
        {
            if (documents.Exists(other => other["_id"] == document["_id"]))
            {
                errors.Add(new BsonDocument { { "index", index }, { "code", 11000 }, { "errmsg", "E11000 duplicate key error" } });
                continue;
            }

            documents.Add(document);
            inserted++;
        }

        var answer = new BsonDocument("n", inserted);
        return errors.Count > 0 ? answer.Set("writeErrors", errors) : answer;
    }

    /// <summary>Replaces or, with <c>$set</c>, changes the first document that fits.</summary>
    private static BsonDocument Update(List<BsonDocument> documents, BsonDocument command)
    {
        var changed = 0;
        foreach (var update in command["updates"].AsBsonArray.Select(update => update.AsBsonDocument))
        {
            var at = documents.FindIndex(document => Matches(document, update["q"].AsBsonDocument));
            if (at >= 0)
            {
                var change = update["u"].AsBsonDocument;
                documents[at] = change.TryGetValue("$set", out var set)
                    ? documents[at].Merge(set.AsBsonDocument, overwriteExistingElements: true)
                    : change.Set("_id", documents[at]["_id"]);
                changed++;
            }
        }

        return new BsonDocument { { "n", changed }, { "nModified", changed } };
    }

    private static BsonDocument Delete(List<BsonDocument> documents, BsonDocument command) => new(
        "n", command["deletes"].AsBsonArray.Sum(delete => documents.RemoveAll(document => Matches(document, delete["q"].AsBsonDocument))));

    private static bool Matches(BsonDocument document, BsonDocument filter) =>
        filter.All(wanted => document.TryGetValue(wanted.Name, out var value) && value == wanted.Value);
}
