using MongoDB.Bson;

namespace Orchestrator.MongoDouble.Commands;

/// <summary>Operations that are at work, and ending them.</summary>
internal static class OperationCommands
{
    public static void Register(Registration add)
    {
        add("currentOp", new CommandEntry("inprog", new Version(3, 2), false, context => Task.FromResult(CurrentOp(context))));
        add("killOp", new CommandEntry("killop", new Version(3, 2), false, context => Task.FromResult(KillOp(context.Member, context.Command["op"].ToInt32()))));
    }

    public static BsonDocument CurrentOp(CommandContext context)
    {
        var answer = new BsonDocument("inprog", new BsonArray(context.Member.Operations.Select(operation => Show(context, operation))));
        if (context.Member.FsyncLocked)
        {
            answer["fsyncLock"] = true;
            answer["info"] = "use db.fsyncUnlock() to terminate the fsync write/snapshot lock";
        }

        return CommandContext.Ok(answer);
    }

    public static BsonDocument KillOp(DoubleMember member, int id)
    {
        member.Operations.FirstOrDefault(operation => operation.Id == id)?.Kill();
        return CommandContext.Ok(new BsonDocument("info", "attempting to kill op"));
    }

    /// <summary><c>$currentOp</c>, with those stages after it that clients use here: <c>$match</c> by equality and existence, <c>$project</c> without effect.</summary>
    public static BsonDocument Aggregate(CommandContext context, BsonDocument options, IEnumerable<BsonDocument> stages)
    {
        if (context.Database != "admin")
        {
            throw new CommandError(73, "InvalidNamespace", "$currentOp must be run against the 'admin' database with {aggregate: 1}");
        }

        if (options.GetValue("allUsers", false).ToBoolean())
        {
            CommandTable.Authorize(context, "inprog");
        }

        var shown = context.Member.Operations.Select(operation => Show(context, operation));
        foreach (var stage in stages.Where(stage => stage.Contains("$match")))
        {
            shown = shown.Where(operation => Matches(operation, stage["$match"].AsBsonDocument));
        }

        return CommandContext.Cursor("admin.$cmd.aggregate", shown.ToList());
    }

    private static bool Matches(BsonDocument document, BsonDocument filter) => filter.All(wanted =>
    {
        BsonValue? value = document;
        foreach (var part in wanted.Name.Split('.'))
        {
            value = value is BsonDocument inner && inner.TryGetValue(part, out var found) ? found : null;
        }

        return wanted.Value is BsonDocument test && test.TryGetValue("$exists", out var exists)
            ? value is not null == exists.ToBoolean()
            : value is not null && value == wanted.Value;
    });

    private static BsonDocument Show(CommandContext context, DoubleOperation operation)
    {
        var elapsed = TimeProvider.System.GetElapsedTime(operation.StartedAt);
        var shown = new BsonDocument
        {
            { "type", "op" },
            { "host", context.Member.Name },
            { "active", true },
            { "opid", operation.Id },
            { "secs_running", (long)elapsed.TotalSeconds },
            { "microsecs_running", (long)elapsed.TotalMicroseconds },
            { "op", "command" },
            { "ns", operation.Namespace },
            { context.Version.Since(3, 6) ? "command" : "query", operation.Command },
            { "killPending", operation.IsKilled },
        };
        if (context.Member.StorageEngine == "mmapv1")
        {
            shown["msg"] = "compact extent";
            shown["progress"] = new BsonDocument { { "done", (int)(operation.Fraction * 100) }, { "total", 100 } };
        }

        return shown;
    }
}
