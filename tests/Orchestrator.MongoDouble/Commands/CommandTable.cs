using MongoDB.Bson;
using Orchestrator.MongoDouble.Wire;

namespace Orchestrator.MongoDouble.Commands;

/// <summary>What a command needs and who carries it out.</summary>
/// <param name="Action">The privilege that it needs; empty for commands that anybody may send.</param>
/// <param name="Since">The version that brought it.</param>
/// <param name="ReadsData">Whether a secondary answers it only with a read preference that allows that, and a recovering member not at all.</param>
internal sealed record CommandEntry(string Action, Version Since, bool ReadsData, Func<CommandContext, Task<BsonDocument>> Run);

/// <summary>All commands of the double, and the rules that come before each.</summary>
internal static class CommandTable
{
    /// <summary>What clients may still send in OP_QUERY to versions that have given it up: all that comes before a client is logged in.</summary>
    private static readonly HashSet<string> StillQueried = new(StringComparer.OrdinalIgnoreCase)
    {
        "hello", "isMaster", "saslStart", "saslContinue", "authenticate", "buildInfo", "ping",
    };

    private static readonly Dictionary<string, CommandEntry> Entries = new(StringComparer.OrdinalIgnoreCase);

    static CommandTable()
    {
        HelloCommands.Register(Add);
        ReplicationCommands.Register(Add);
        StorageCommands.Register(Add);
        CompactionCommands.Register(Add);
        OperationCommands.Register(Add);
        ServerCommands.Register(Add);
        DocumentCommands.Register(Add);
    }

    public static async Task<IReadOnlyList<BsonDocument>> Answer(CommandContext context)
    {
        try
        {
            return context.Request is { Opcode: WireMessage.Query, Collection: var collection } && !collection.EndsWith(".$cmd", StringComparison.Ordinal)
                ? OldQueries.Answer(context)
                : [await Run(context)];
        }
        catch (CommandError error)
        {
            return [error.ToBson()];
        }
    }

    private static async Task<BsonDocument> Run(CommandContext context)
    {
        if (!Entries.TryGetValue(context.Name, out var entry) || context.Version.Number < entry.Since)
        {
            throw context.Version.Since(3, 0)
                ? new CommandError(59, "CommandNotFound", $"no such command: '{context.Name}'")
                : new CommandError(0, "", $"no such cmd: {context.Name}");
        }

        if (context.Request.Opcode == WireMessage.Query && !context.Version.HasQueries && !StillQueried.Contains(context.Name))
        {
            throw new CommandError(352, "UnsupportedOpQueryCommand", $"Unsupported OP_QUERY command: {context.Name}");
        }

        if (context.Flag("apiStrict") && context.Name is "compact")
        {
            throw new CommandError(323, "APIStrictError", $"Provided apiStrict:true, but the command {context.Name} is not in API Version 1");
        }

        Authorize(context, entry.Action);
        if (entry.ReadsData)
        {
            RequireData(context);
        }

        if (context.Member.TakeFault(context.Name) is { } fault)
        {
            throw fault;
        }

        return await entry.Run(context);
    }

    public static void Authorize(CommandContext context, string action)
    {
        if (context.Set.Users.Count == 0 || action.Length == 0)
        {
            return;
        }

        if (context.Connection.User.Length == 0)
        {
            throw new CommandError(13, "Unauthorized", $"command {context.Name} requires authentication");
        }

        if (!context.Set.Users[context.Connection.User].May(action))
        {
            throw CommandError.Unauthorized(context.Database, context.Name);
        }
    }

    /// <summary>Only a primary, or a secondary if the client allows it, answers with data.</summary>
    public static void RequireData(CommandContext context)
    {
        if (context.Member.IsPrimaryOrStandalone)
        {
            return;
        }

        if (context.Member.State != MemberStates.Secondary)
        {
            throw new CommandError(13436, "NotPrimaryOrSecondary", "node is not in primary or recovering state");
        }

        if (!context.Request.AllowsSecondary)
        {
            throw new CommandError(13435, "NotPrimaryNoSecondaryOk", "not primary and secondaryOk=false");
        }
    }

    private static void Add(string name, CommandEntry entry) => Entries[name] = entry;
}

/// <summary>Takes a command into the table.</summary>
internal delegate void Registration(string name, CommandEntry entry);
