using MongoDB.Bson;

namespace Orchestrator.MongoDouble.Commands;

/// <summary>compact and autoCompact, as each version has them.</summary>
internal static class CompactionCommands
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    public static void Register(Registration add)
    {
        add("compact", new CommandEntry("compact", new Version(0, 0), false, Compact));
        add("autoCompact", new CommandEntry("compact", new Version(8, 0), false, context => Task.FromResult(AutoCompact(context))));
    }

    private static async Task<BsonDocument> Compact(CommandContext context)
    {
        var collection = Admit(context);
        var target = context.Version.Since(7, 3) ? context.Int("freeSpaceTargetMB", 20) * 1_048_576L : 0;
        var gain = collection.Files.Sum(file => file.Gain(target));
        if (context.Flag("dryRun"))
        {
            return CommandContext.Ok(new BsonDocument(context.Version.Since(8, 0, 4) ? "estimatedBytesFreed" : "bytesFreed", gain));
        }

        var member = context.Member;
        var life = member.Life;
        var operation = member.Begin(collection.Namespace, context.Command);
        member.Compacts.Enqueue(context.Command);
        member.Set.Tell($"{member.Name} compacts {collection.Namespace}");
        member.Set.Changed();
        var all = 0L;
        try
        {
            // The work goes on when the client has gone.
            await Task.Run(() => Work(member, collection, operation, life), CancellationToken.None);

            // As a server has it: who sees no operation any more finds the files as it has left them.
            foreach (var file in collection.Files)
            {
                var freed = Math.Max(0, file.Gain(target) - file.Stuck);
                (file.Bytes, file.Free, all) = (file.Bytes - freed, file.Free - freed, all + freed);
            }
        }
        finally
        {
            member.End(operation);
            member.Set.Changed();
        }

        member.Set.Tell($"{member.Name} has compacted {collection.Namespace}, {all} bytes freed");
        return CommandContext.Ok(context.Version.Since(4, 4) ? new BsonDocument("bytesFreed", all) : []);
    }

    private static DoubleCollection Admit(CommandContext context)
    {
        var (member, version) = (context.Member, context.Version);
        if (context.Set.Shards.Count > 0)
        {
            throw new CommandError(59, "CommandNotFound", "no such command: 'compact'");
        }

        RefuseUnknownOptions(context);
        if (member.Options.IsArbiter)
        {
            throw new CommandError(13436, "NotPrimaryOrSecondary", "node is an arbiter");
        }

        if (context.Set.IsReplicaSet && context.Set.Primary == member && !context.Flag("force"))
        {
            throw new CommandError(
                version.Since(6, 0) ? 20 : 0, "IllegalOperation",
                "will not run compact on an active replica set primary as this will slow down other running operations. use force:true to force");
        }

        var name = context.Value.AsString;
        if (name.StartsWith("system.", StringComparison.Ordinal) && !version.Since(7, 0))
        {
            throw new CommandError(version.Since(4, 4) ? 73 : 0, "InvalidNamespace", "can't compact a system namespace");
        }

        if (!member.Collections.TryGetValue($"{context.Database}.{name}", out var collection))
        {
            throw version.Since(4, 0) ? CommandError.Missing($"{context.Database}.{name}") : new CommandError(0, "", "namespace does not exist");
        }

        if (collection.Type == "view")
        {
            throw new CommandError(version.Since(4, 0) ? 166 : 0, "CommandNotSupportedOnView", "can't compact a view");
        }

        if (collection.IsCapped && member.StorageEngine == "mmapv1")
        {
            throw new CommandError(0, "", "cannot compact a capped collection");
        }

        if (member.StorageEngine == "inMemory")
        {
            throw new CommandError(115, "CommandNotSupported", "cannot compact a collection of an in-memory storage engine");
        }

        return member.Operations.Any(other => other.Namespace == collection.Namespace && other.Command.Contains("compact"))
            ? throw new CommandError(version.Since(8, 0) ? 96 : 0, "OperationFailed", $"Compaction is already in progress for {collection.Namespace}")
            : collection;
    }

    private static void RefuseUnknownOptions(CommandContext context)
    {
        var since = new Dictionary<string, Version>
        {
            ["comment"] = new(4, 4),
            ["freeSpaceTargetMB"] = new(7, 3),
            ["dryRun"] = new(8, 0),
        };
        foreach (var (option, version) in since)
        {
            if (context.Command.Contains(option) && context.Version.Number < version && context.Version.Since(4, 4))
            {
                throw new CommandError(40415, "Location40415", $"BSON field 'compact.{option}' is an unknown field.");
            }
        }
    }

    private static async Task Work(DoubleMember member, DoubleCollection collection, DoubleOperation operation, CancellationToken life)
    {
        var pages = Math.Max(1, collection.Data.Bytes >> 15);
        (collection.Data.PagesReviewed, collection.Data.PagesExpected) = (0, pages);
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            life.ThrowIfCancellationRequested();
            var elapsed = TimeProvider.System.GetElapsedTime(started);
            operation.Fraction = member.CompactTime > TimeSpan.Zero ? Math.Min(1, elapsed / member.CompactTime) : 1;
            collection.Data.PagesReviewed = (long)(pages * operation.Fraction);
            if (member.Held is null && elapsed >= member.CompactTime)
            {
                return;
            }

            var held = member.Held?.Task ?? Task.CompletedTask;
            await Task.WhenAny(operation.Killed, Task.WhenAll(held, Task.Delay(Tick, life)), Task.Delay(Timeout.Infinite, life));
            if (operation.IsKilled)
            {
                throw new CommandError(11601, "Interrupted", "operation was interrupted");
            }
        }
    }

    private static BsonDocument AutoCompact(CommandContext context)
    {
        if (context.Set.IsReplicaSet && context.Member.State is not (MemberStates.Primary or MemberStates.Secondary))
        {
            throw new CommandError(13436, "NotPrimaryOrSecondary", "node is not in primary or recovering state");
        }

        if (!context.Value.ToBoolean())
        {
            context.Member.AutoCompact = null;
            return CommandContext.Ok();
        }

        var options = (context.Int("freeSpaceTargetMB", 20), context.Flag("runOnce"));
        if (context.Member.AutoCompact is { } known && known != options)
        {
            throw new CommandError(72, "InvalidOptions", "Cannot reconfigure background compaction while it's already running");
        }

        context.Member.AutoCompact = options;
        return CommandContext.Ok();
    }
}
