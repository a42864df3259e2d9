using MongoDB.Bson;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>
/// A document that is over at a time of the server's own clock. In a sharded cluster it is written through a mongos.
/// </summary>
internal sealed class MongoDbClaim(MongoDbRoster roster, string process) : EngineClaim(roster.Options.Name, roster.Options.ClaimTimeToLive, roster.Time)
{
    private const string Key = "compaction";

    private MongoDbClusterOptions Options => roster.Options;

    private string Database => Options.ClaimCollection.Split('.', 2)[0];

    private string Collection => Options.ClaimCollection.Split('.', 2)[^1];

    protected override string? Off => Options.ClaimCollection.Length == 0 ? $"clusters.{Options.Name}.claim-collection is empty" : null;

    protected override string? Obstacle(EngineRefusal refusal) =>
        refusal is MongoDbRefusal { IsDenial: true } ? $"the user may not write {Options.ClaimCollection}" : null;

    protected override async Task Write(string runId, CancellationToken cancellationToken)
    {
        var (primary, hello) = await Writable(cancellationToken).ConfigureAwait(false);
        var now = hello.LocalTime;
        var mine = new BsonDocument { { "run", runId }, { "process", process }, { "until", now + Options.ClaimTimeToLive } };
        var found = await Find(primary, cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            var answer = await primary.On(
                Database,
                WithMajority(new BsonDocument { { "insert", Collection }, { "documents", new BsonArray { new BsonDocument("_id", Key).AddRange(mine) } } }),
                cancellationToken).ConfigureAwait(false);
            if (answer["n"].ToInt32() == 1)
            {
                return;
            }

            throw Held(await Find(primary, cancellationToken).ConfigureAwait(false));
        }

        if (found["run"] != runId && found["until"].ToUniversalTime() > now)
        {
            throw Held(found);
        }

        // Only if nobody else has changed it since.
        var known = new BsonDocument { { "_id", Key }, { "run", found["run"] }, { "process", found["process"] }, { "until", found["until"] } };
        var update = new BsonDocument { { "q", known }, { "u", new BsonDocument("$set", mine) } };
        var changed = await primary.On(
            Database, WithMajority(new BsonDocument { { "update", Collection }, { "updates", new BsonArray { update } } }), cancellationToken).ConfigureAwait(false);
        if (changed["n"].ToInt32() == 0)
        {
            throw Held(await Find(primary, cancellationToken).ConfigureAwait(false));
        }
    }

    protected override async Task Remove(string runId, CancellationToken cancellationToken)
    {
        try
        {
            var (primary, _) = await Writable(cancellationToken).ConfigureAwait(false);
            var own = new BsonDocument { { "_id", Key }, { "run", runId } };
            await primary.On(
                Database,
                WithMajority(new BsonDocument { { "delete", Collection }, { "deletes", new BsonArray { new BsonDocument { { "q", own }, { "limit", 1 } } } } }),
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is EngineException or MongoDbRefusal)
        {
            // It is over by itself after its time.
        }
    }

    private async Task<BsonDocument?> Find(MongoDbCalls primary, CancellationToken cancellationToken)
    {
        var answer = await primary.On(
            Database, new BsonDocument { { "find", Collection }, { "filter", new BsonDocument("_id", Key) }, { "limit", 1 } }, cancellationToken).ConfigureAwait(false);
        return answer["cursor"]["firstBatch"].AsBsonArray.FirstOrDefault()?.AsBsonDocument;
    }

    /// <summary>A mongos, or the primary.</summary>
    private async Task<(MongoDbCalls Calls, MongoDbHello Hello)> Writable(CancellationToken cancellationToken)
    {
        EngineException? failure = null;
        foreach (var calls in roster.Router is { } router ? [router] : roster.Members.Select(member => member.Calls))
        {
            try
            {
                var hello = await calls.Hello(cancellationToken).ConfigureAwait(false);
                if (hello.IsPrimary)
                {
                    return (calls, hello);
                }
            }
            catch (EngineException e)
            {
                failure = e;
            }
        }

        throw failure ?? new EngineException(EngineFault.Unreachable, $"{Options.Name} has no primary");
    }

    private BsonDocument WithMajority(BsonDocument command) =>
        command.Add("writeConcern", new BsonDocument { { "w", "majority" }, { "wtimeout", (long)Options.RequestTimeout.TotalMilliseconds } });

    private EngineException Held(BsonDocument? found) => new(
        EngineFault.Claimed,
        $"{(found is null ? "somebody" : $"run {found["run"]} of {found["process"]}")} works on {Options.Name} (document '{Key}' in {Options.ClaimCollection}); "
        + $"wait for it. If that process has died, its claim is over within {Options.ClaimTimeToLive.TotalSeconds:0} s");
}
