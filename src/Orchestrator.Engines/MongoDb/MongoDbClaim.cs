using MongoDB.Bson;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>
/// A document that keeps a second orchestrator away while a run works. It names the run and the process, and is over
/// at a time of the server's own clock; until then it is renewed. In a sharded cluster it is written through a mongos. A run whose process has died takes its own document over.
/// </summary>
internal sealed class MongoDbClaim(MongoDbRoster roster, string process) : IAsyncDisposable
{
    private const string Key = "compaction";
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _one = new(1);
    private string _run = "";
    private long _renewedAt;

    private MongoDbClusterOptions Options => roster.Options;

    /// <summary>Whether a run of this process works on the cluster.</summary>
    public bool IsHeld => _run.Length > 0;

    private bool IsAlive => _run.Length > 0 && roster.Time.GetElapsedTime(_renewedAt) < Options.ClaimTimeToLive;

    private string Database => Options.ClaimCollection.Split('.', 2)[0];

    private string Collection => Options.ClaimCollection.Split('.', 2)[^1];

    /// <returns>Why there is no claim though nobody else has it; empty when it is held.</returns>
    /// <exception cref="EngineException">Another orchestrator has it.</exception>
    public async Task<string> Take(string runId, CancellationToken cancellationToken)
    {
        if (Options.ClaimCollection.Length == 0)
        {
            return $"clusters.{Options.Name}.claim-collection is empty: nothing keeps a second orchestrator away";
        }

        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (IsAlive)
            {
                return _run == runId ? "" : throw new EngineException(EngineFault.Claimed, $"run {_run} works on {Options.Name}; wait for it");
            }

            var asked = roster.Time.GetTimestamp();
            await Write(runId, cancellationToken).ConfigureAwait(false);
            (_run, _renewedAt) = (runId, asked);
            return "";
        }
        catch (MongoDbRefusal refusal) when (refusal.IsDenial)
        {
            return $"the user may not write {Options.ClaimCollection}: nothing keeps a second orchestrator away";
        }
        finally
        {
            _one.Release();
        }
    }

    public async Task Renew(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_run.Length == 0)
            {
                return;
            }

            var asked = roster.Time.GetTimestamp();
            await Write(_run, cancellationToken).ConfigureAwait(false);
            _renewedAt = asked;
        }
        catch (EngineException e) when (e.Fault == EngineFault.Claimed)
        {
            _run = "";
        }
        catch (Exception e) when (e is EngineException or MongoDbRefusal)
        {
            // The next renewal may come through, for example after an election; if none does in time, the claim is no longer held.
        }
        finally
        {
            _one.Release();
        }
    }

    public async Task Release(string runId, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_run != runId || _run.Length == 0)
            {
                return;
            }

            _run = "";
            await Remove(runId, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var limited = new CancellationTokenSource(FarewellTimeout, roster.Time);
        try
        {
            await Release(_run, limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It is over by itself.
        }

        _one.Dispose();
    }

    private async Task Write(string runId, CancellationToken cancellationToken)
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

    private async Task Remove(string runId, CancellationToken cancellationToken)
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
