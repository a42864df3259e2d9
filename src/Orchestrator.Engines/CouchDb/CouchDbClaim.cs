using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>
/// A document that keeps a second orchestrator away while a run works. It names the run and the process, and is over at a time of the
/// server's own clock; until then it is renewed. Its revision makes sure that only one of two who write at once succeeds. A run whose
/// process has died takes its own document over.
/// </summary>
internal sealed class CouchDbClaim(CouchDbRoster roster, string process) : IAsyncDisposable
{
    private const string Key = "compaction";
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _one = new(1);
    private readonly CouchDbSmooshHold _smoosh = new(roster);
    private JsonObject _held = new();
    private bool _hasLooked;
    private string _run = "";
    private long _renewedAt;

    private CouchDbClusterOptions Options => roster.Options;

    private bool IsAlive => _run.Length > 0 && roster.Time.GetElapsedTime(_renewedAt) < Options.ClaimTimeToLive;

    private string Database => CouchDbCalls.Escape(Options.ClaimDatabase);

    private string Document => $"{Database}/{Key}";

    /// <returns>Why there is no claim though nobody else has it; empty when it is held.</returns>
    /// <exception cref="EngineException">Another orchestrator has it.</exception>
    public async Task<string> Take(string runId, CancellationToken cancellationToken)
    {
        if (Options.ClaimDatabase.Length == 0)
        {
            return $"clusters.{Options.Name}.claim-database is empty: nothing keeps a second orchestrator away";
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
            await HoldSmoosh(runId, cancellationToken).ConfigureAwait(false);
            return "";
        }
        catch (CouchDbRefusal refusal) when (refusal.Status == 403)
        {
            return $"the user may not write to the database {Options.ClaimDatabase}: nothing keeps a second orchestrator away";
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
            if (_run.Length > 0)
            {
                var asked = roster.Time.GetTimestamp();
                await Write(_run, cancellationToken).ConfigureAwait(false);
                _renewedAt = asked;
            }
        }
        catch (EngineException e) when (e.Fault == EngineFault.Claimed)
        {
            // Who has it now puts back what is held.
            (_run, _held, roster.HeldFor) = ("", new JsonObject(), "");
        }
        catch (Exception e) when (e is EngineException or CouchDbRefusal)
        {
            // The next renewal may come through; if none does in time, the claim is no longer held.
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
            if (_run == runId && _run.Length > 0)
            {
                _run = "";
                await Return(runId, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Puts back what an orchestrator that has died held.</summary>
    public async Task PutBack(CancellationToken cancellationToken)
    {
        if (Options.ClaimDatabase.Length == 0 || (_hasLooked && !Options.HoldsSmoosh))
        {
            return;
        }

        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var (found, now) = await Find(cancellationToken).ConfigureAwait(false);
            _hasLooked = found is null || HeldIn(found.Value).Count == 0;
            if (_run.Length == 0 && found is { } document && Until(document) <= now && HeldIn(document) is { Count: > 0 } held)
            {
                _held = held;
                await Return(document.TextOf("run"), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is EngineException or CouchDbRefusal)
        {
            // The next discovery tries again.
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

    private async Task HoldSmoosh(string runId, CancellationToken cancellationToken)
    {
        if (!Options.HoldsSmoosh)
        {
            return;
        }

        if (await _smoosh.Note(_held, cancellationToken).ConfigureAwait(false))
        {
            await Write(runId, cancellationToken).ConfigureAwait(false);
        }

        await _smoosh.Stop(_held, cancellationToken).ConfigureAwait(false);
        roster.HeldFor = runId;
    }

    /// <summary>Puts back what is held, then removes the document; it stays, without counting, as long as a node does not answer.</summary>
    private async Task Return(string runId, CancellationToken cancellationToken)
    {
        roster.HeldFor = "";
        try
        {
            await _smoosh.PutBack(_held, cancellationToken).ConfigureAwait(false);
            if (_held.Count == 0)
            {
                await Remove(runId, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await Write(runId, cancellationToken, isOver: true).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is EngineException or CouchDbRefusal)
        {
            // The document is over by itself; the next discovery finds what is held in it.
        }

        _held = new JsonObject();
    }

    /// <param name="isOver">The document stays only for what is held.</param>
    private async Task Write(string runId, CancellationToken cancellationToken, bool isOver = false)
    {
        var (found, now) = await Find(cancellationToken).ConfigureAwait(false);
        if (found is { } other && other.TextOf("run") != runId && Until(other) > now)
        {
            throw Held(found);
        }

        var until = isOver ? now : now + Options.ClaimTimeToLive;
        var document = new JsonObject { ["run"] = runId, ["process"] = process, ["until"] = until.ToString("O", CultureInfo.InvariantCulture) };
        if (found is { } known)
        {
            document["_rev"] = known.TextOf("_rev");

            // Of an orchestrator that has died: what it held is for its successor to put back.
            _held = _held.Count == 0 && !isOver ? HeldIn(known) : _held;
        }

        if (_held.Count > 0)
        {
            document["smoosh"] = _held.DeepClone();
        }

        try
        {
            await Put(document, cancellationToken).ConfigureAwait(false);
        }
        catch (CouchDbRefusal refusal) when (refusal.IsConflict)
        {
            throw Held((await Find(cancellationToken).ConfigureAwait(false)).Found);
        }
    }

    private async Task Put(JsonObject document, CancellationToken cancellationToken)
    {
        try
        {
            await Send(HttpMethod.Put, Document, document.ToJsonString(), cancellationToken).ConfigureAwait(false);
        }
        catch (CouchDbRefusal refusal) when (refusal.IsMissing)
        {
            await Create(cancellationToken).ConfigureAwait(false);
            await Send(HttpMethod.Put, Document, document.ToJsonString(), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task Create(CancellationToken cancellationToken)
    {
        try
        {
            await Send(HttpMethod.Put, $"{Database}?q=1", null, cancellationToken).ConfigureAwait(false);
        }
        catch (CouchDbRefusal refusal) when (refusal.Error == "file_exists")
        {
            // Another orchestrator has come first.
        }
    }

    private async Task Remove(string runId, CancellationToken cancellationToken)
    {
        try
        {
            if ((await Find(cancellationToken).ConfigureAwait(false)).Found is { } found && found.TextOf("run") == runId)
            {
                await Send(HttpMethod.Delete, $"{Document}?rev={CouchDbCalls.Escape(found.TextOf("_rev"))}", null, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is EngineException or CouchDbRefusal)
        {
            // It is over by itself after its time.
        }
    }

    /// <returns>The document, if there is one, and the server's time.</returns>
    private async Task<(JsonElement? Found, DateTimeOffset Now)> Find(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await Send(HttpMethod.Get, Document, null, cancellationToken).ConfigureAwait(false);
            return (answer.Json, answer.Date ?? roster.Time.GetUtcNow());
        }
        catch (CouchDbRefusal refusal) when (refusal.IsMissing)
        {
            return (null, roster.Time.GetUtcNow());
        }
    }

    private Task<CouchDbAnswer> Send(HttpMethod method, string path, string? body, CancellationToken cancellationToken) =>
        roster.Endpoints.Send("", method, path, body, isRepeatable: method == HttpMethod.Get, cancellationToken);

    private static JsonObject HeldIn(JsonElement document) =>
        document.FieldOf("smoosh") is { ValueKind: JsonValueKind.Object } held ? JsonObject.Create(held)! : new JsonObject();

    private static DateTimeOffset Until(JsonElement document) =>
        DateTimeOffset.TryParse(document.TextOf("until"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until) ? until : DateTimeOffset.MinValue;

    private EngineException Held(JsonElement? found) => new(
        EngineFault.Claimed,
        $"{(found is { } document ? $"run {document.TextOf("run")} of {document.TextOf("process")}" : "somebody")} works on {Options.Name} "
        + $"(document '{Key}' in the database {Options.ClaimDatabase}); wait for it. If that process has died, its claim is over within {Options.ClaimTimeToLive.TotalSeconds:0} s");
}
