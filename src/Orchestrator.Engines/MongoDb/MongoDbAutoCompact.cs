using System.Collections.Concurrent;
using MongoDB.Bson;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>What <c>auto-compact</c> says of a cluster: whether its members compact in the background (8.0 and later).</summary>
/// <param name="FreeSpaceTarget">Files with less free space, in MiB, are left alone.</param>
/// <param name="RunsOnce">Whether it ends when all files were looked at once.</param>
/// <param name="Members">The members that it is for; empty for all.</param>
public sealed record MongoDbAutoCompactOptions(bool IsOn, int FreeSpaceTarget, bool RunsOnce, IReadOnlyList<string> Members);

/// <summary>
/// Keeps the members' background compaction as the configuration wants it. While a run works it is off, since both would work on the same
/// files; afterwards it is put back. Without the setting nothing is switched.
/// </summary>
internal sealed class MongoDbAutoCompact(MongoDbRoster roster)
{
    // A server does not tell with which options it is on: these members were told by this process.
    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    private MongoDbAutoCompactOptions? Wanted => roster.Options.AutoCompact;

    /// <summary>Makes all members as they should be. What a member has against it is shown with it; nothing is thrown.</summary>
    public async Task Ensure(bool isRunAtWork, CancellationToken cancellationToken)
    {
        foreach (var member in roster.Members.Where(IsFor))
        {
            member.Trouble = await Try(member, isRunAtWork, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Switches it off on a member that is about to be compacted, where it is this orchestrator's to switch.</summary>
    public async Task Suspend(MongoDbMemberDriver member, MongoDbVersion version, CancellationToken cancellationToken)
    {
        if (version.HasAutoCompact && IsFor(member) && IsRunning(await member.Calls.ServerStatus(cancellationToken).ConfigureAwait(false)))
        {
            await Switch(member, false, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <param name="server">The answer to <c>serverStatus</c>.</param>
    public static bool IsRunning(BsonDocument server) =>
        server.GetValue("wiredTiger", new BsonDocument()).AsBsonDocument.GetValue("background-compact", new BsonDocument()).AsBsonDocument
            .GetValue("background compact running", 0).ToInt64() != 0;

    private bool IsFor(MongoDbMemberDriver member) =>
        Wanted is { } wanted && (wanted.Members.Count == 0 || wanted.Members.Contains(member.Name))
        && member.Set.Configuration.Find(member.Name) is not { IsArbiter: true };

    private async Task<string> Try(MongoDbMemberDriver member, bool isRunAtWork, CancellationToken cancellationToken)
    {
        try
        {
            var version = await member.Calls.Version(cancellationToken).ConfigureAwait(false);
            if (!version.HasAutoCompact)
            {
                return Wanted!.IsOn ? $"MongoDB {version} has no autoCompact, which clusters.{roster.Options.Name}.auto-compact wants on; 8.0 and later have it" : "";
            }

            var isRunning = IsRunning(await member.Calls.ServerStatus(cancellationToken).ConfigureAwait(false));
            var isBusy = isRunAtWork || (await member.Calls.Compactions(cancellationToken).ConfigureAwait(false)).Count > 0;
            if (Wanted!.IsOn && !isBusy)
            {
                await TurnOn(member, isRunning, cancellationToken).ConfigureAwait(false);
            }
            else if (isRunning)
            {
                await Switch(member, false, cancellationToken).ConfigureAwait(false);
            }

            return "";
        }
        catch (MongoDbRefusal refusal) when (refusal.IsBusy || refusal.IsWrongState)
        {
            // It is being switched, or the member is neither primary nor secondary: the next time will do.
            return "";
        }
        catch (MongoDbRefusal refusal)
        {
            return MongoDbErrors.ToEngine($"autoCompact cannot be switched on {member.Name}", roster.Options, refusal).Message;
        }
        catch (EngineException)
        {
            // It does not answer, which is told where it is observed.
            return "";
        }
    }

    private async Task TurnOn(MongoDbMemberDriver member, bool isRunning, CancellationToken cancellationToken)
    {
        var wasTold = _told.ContainsKey(member.Name);
        if (wasTold && (isRunning || Wanted!.RunsOnce))
        {
            return;
        }

        try
        {
            await Switch(member, true, cancellationToken).ConfigureAwait(false);
            _told[member.Name] = true;
        }
        catch (MongoDbRefusal refusal) when (isRunning && !refusal.IsDenial && !refusal.IsBusy)
        {
            // It is on with other options, which can only be changed while it is off.
            await Switch(member, false, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<BsonDocument> Switch(MongoDbMemberDriver member, bool on, CancellationToken cancellationToken)
    {
        var command = new BsonDocument("autoCompact", on);
        if (on)
        {
            command.Add("freeSpaceTargetMB", Wanted!.FreeSpaceTarget).Add("runOnce", Wanted.RunsOnce);
        }
        else if (Wanted is { RunsOnce: false })
        {
            _told.TryRemove(member.Name, out _);
        }

        return member.Calls.Admin(command, cancellationToken);
    }
}
