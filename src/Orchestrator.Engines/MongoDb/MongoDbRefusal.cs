using MongoDB.Bson;

namespace Orchestrator.Engines.MongoDb;

/// <summary>MongoDB answered that it does not do what it was asked.</summary>
/// <param name="code">Its error code; 0 where old versions give none.</param>
/// <param name="text">MongoDB's own words.</param>
internal sealed class MongoDbRefusal(int code, string text) : EngineRefusal(text)
{
    public int Code => code;

    public bool IsDenial => code is 13 or 18;

    public bool IsMissing => code == 26 || Says("namespace does not exist") || Says("ns not found") || (Says("Collection [") && Says("not found"));

    public bool IsView => code == 166;

    /// <summary>The operation was ended: by killOp, by the end of the server, or because WiredTiger's cache was under pressure.</summary>
    public bool IsInterrupted => code == 11601;

    public bool IsCachePressure => IsInterrupted && Says("cache eviction pressure");

    public bool IsInProgress => code == 96 || Says("already in progress");

    public bool IsPrimary => code == 20 || Says("active replica set primary");

    public bool IsBusy => code == 314;

    /// <summary>Its role or state does not allow it now.</summary>
    public bool IsWrongState => code is 10107 or 13435 or 10058 or 11600 or 11602 or 13436 or 189 or 91 or 94 or 95 or 117 or 262 or 268 || IsPrimary || IsInProgress || IsBusy;

    private bool Says(string words) => Message.Contains(words, StringComparison.OrdinalIgnoreCase);

    /// <summary>The refusal that an answer is; null if it is none.</summary>
    public static MongoDbRefusal? Of(BsonDocument answer) => answer.GetValue("ok", 0).ToDouble() > 0
        ? null
        : new MongoDbRefusal(answer.GetValue("code", 0).ToInt32(), answer.GetValue("errmsg", "no reason").ToString()!);
}
