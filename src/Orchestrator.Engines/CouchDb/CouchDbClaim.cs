using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>
/// A document that is over at a time of the server's own clock. Its revision makes sure that only one of two who write at once succeeds. It
/// also holds the settings of smoosh that are to be put back after the run.
/// </summary>
internal sealed class CouchDbClaim(CouchDbRoster roster, string process) : EngineClaim(roster.Options.Name, roster.Options.ClaimTimeToLive, roster.Time)
{
    private const string Key = "compaction";

    private readonly CouchDbSmooshHold _smoosh = new(roster);
    private JsonObject _held = new();
    private bool _hasLooked;

    private CouchDbClusterOptions Options => roster.Options;

    private string Database => CouchDbCalls.Escape(Options.ClaimDatabase);

    private string Document => $"{Database}/{Key}";

    protected override string? Off => Options.ClaimDatabase.Length == 0 ? $"clusters.{Options.Name}.claim-database is empty" : null;

    protected override string? Obstacle(EngineRefusal refusal) =>
        refusal is CouchDbRefusal { Status: 403 } ? $"the user may not write to the database {Options.ClaimDatabase}" : null;

    /// <summary>Puts back what an orchestrator that has died held.</summary>
    public async Task PutBack(CancellationToken cancellationToken)
    {
        if (Off is not null || (_hasLooked && !Options.HoldsSmoosh))
        {
            return;
        }

        try
        {
            await Alone(() => PutBackWhatDiedHeld(cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is EngineException or CouchDbRefusal)
        {
            // The next discovery tries again.
        }
    }

    protected override Task Write(string runId, CancellationToken cancellationToken) => Write(runId, isOver: false, cancellationToken);

    protected override Task OnTaken(CancellationToken cancellationToken) => Options.HoldsSmoosh ? HoldSmoosh(cancellationToken) : Task.CompletedTask;

    // Who has it now puts back what is held.
    protected override void OnLost() => (_held, roster.HeldFor) = (new JsonObject(), "");

    /// <summary>Puts back what is held, then removes the document; it stays, without counting, as long as a node does not answer.</summary>
    protected override async Task Remove(string runId, CancellationToken cancellationToken)
    {
        roster.HeldFor = "";
        try
        {
            await _smoosh.PutBack(_held, cancellationToken).ConfigureAwait(false);
            if (_held.Count == 0)
            {
                await Delete(runId, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await Write(runId, isOver: true, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is EngineException or CouchDbRefusal)
        {
            // The document is over by itself; the next discovery finds what is held in it.
        }

        _held = new JsonObject();
    }

    private async Task PutBackWhatDiedHeld(CancellationToken cancellationToken)
    {
        var (found, now) = await Find(cancellationToken).ConfigureAwait(false);
        _hasLooked = found is null || HeldIn(found.Value).Count == 0;
        if (!IsHeld && found is { } document && Until(document) <= now && HeldIn(document) is { Count: > 0 } held)
        {
            _held = held;
            await Remove(document.TextOf("run"), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task HoldSmoosh(CancellationToken cancellationToken)
    {
        if (await _smoosh.Note(_held, cancellationToken).ConfigureAwait(false))
        {
            await Write(Run, cancellationToken).ConfigureAwait(false);
        }

        await _smoosh.Stop(_held, cancellationToken).ConfigureAwait(false);
        roster.HeldFor = Run;
    }

    /// <param name="isOver">The document stays only for what is held.</param>
    private async Task Write(string runId, bool isOver, CancellationToken cancellationToken)
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

    private async Task Delete(string runId, CancellationToken cancellationToken)
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
