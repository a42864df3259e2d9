using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Orchestrator.HttpDoubles.Milvus;

/// <summary>A Milvus cluster that answers as the REST interface v2 of 2.5 does, as far as compaction is concerned.</summary>
public sealed partial class MilvusDouble : IAsyncDisposable
{
    // Ids have 18 digits: more than a double can hold exactly.
    private const long FirstCollection = 461_000_000_000_000_001;
    private const long FirstJob = 461_173_205_123_456_789;
    private readonly Lock _lock = new();
    private Dictionary<long, MilvusDoubleJob> _jobs = [];
    private int _started;

    /// <param name="certificate">Of REST; null for plain HTTP.</param>
    public MilvusDouble(X509Certificate2? certificate = null)
    {
        Server = new DoubleServer(Answer, certificate);
        Management = new DoubleServer(AnswerManagement);
    }

    public DoubleServer Server { get; }

    /// <summary>The older API on the management port.</summary>
    public DoubleServer Management { get; }

    public List<MilvusDoubleCollection> Collections { get; } = [];

    /// <summary><c>user:password</c>, or an API key; empty for no authorization.</summary>
    public string Token { get; set; } = "";

    /// <summary>What the management port tells of Milvus's settings; null for 2.4, which tells nothing.</summary>
    public IReadOnlyDictionary<string, string>? Configurations { get; set; }

    /// <summary>Ids as texts, as a client may ask for them.</summary>
    public bool IdsAreTexts { get; set; }

    /// <summary>Id of the last job.</summary>
    public long LastJob { get; set; } = FirstJob;

    /// <summary>How many compactions were scheduled.</summary>
    public int Started => _started;

    public MilvusDoubleEnding Ending { get; set; }

    /// <summary>Answers of the next calls of a path, before anything else is looked at: code and message.</summary>
    public ConcurrentDictionary<string, ConcurrentQueue<(int Code, string Message)>> Refusals { get; } = [];

    /// <summary>Compactions that are held end when they have been asked for so often; 0: not by that.</summary>
    public int EndsAfterLooks { get; set; }

    /// <summary>Compactions stay at work until <see cref="Release"/>.</summary>
    public bool Holds { get; private set; }

    public void Hold() => Holds = true;

    public void Refuse(string path, int code, string message) => Refusals.GetOrAdd(path, _ => []).Enqueue((code, message));

    public void Release()
    {
        lock (_lock)
        {
            Holds = false;
            foreach (var job in _jobs.Values.Where(job => job.Executing > 0))
            {
                Finish(job);
            }
        }
    }

    /// <summary>The cluster dies, and forgets its jobs.</summary>
    public async Task Kill()
    {
        await Server.Kill();
        lock (_lock)
        {
            _jobs = [];
        }
    }

    /// <summary>Jobs that ended some time ago are forgotten.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _jobs = [];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Management.DisposeAsync();
        await DisposeGrpc();
    }

    /// <summary>Collections by id; fields that are 0 are left out, as protobuf does.</summary>
    private Task<DoubleAnswer> AnswerManagement(DoubleRequest request)
    {
        lock (_lock)
        {
            switch (request.Method, request.Path)
            {
                case ("POST", "api/v1/compaction"):
                    var wanted = request.Json["collectionID"]!.GetValue<long>();
                    var id = Schedule(Collections[(int)(wanted - FirstCollection)]);
                    return Task.FromResult(DoubleAnswer.Ok(new JsonObject { ["status"] = new JsonObject(), ["compactionID"] = id }));
                case ("GET", "api/v1/compaction/state"):
                    var job = _jobs.GetValueOrDefault(request.Json["compactionID"]!.GetValue<long>());
                    var answer = new JsonObject { ["status"] = new JsonObject(), ["state"] = job is { Executing: > 0 } ? 1 : 2 };
                    foreach (var (name, count) in new[] { ("executingPlanNo", job?.Executing), ("timeoutPlanNo", job?.TimedOut), ("completedPlanNo", job?.Completed), ("failedPlanNo", job?.Failed) })
                    {
                        if (count > 0)
                        {
                            answer[name] = count;
                        }
                    }

                    return Task.FromResult(DoubleAnswer.Ok(answer));
                case ("GET", "api/v1/_cluster/configs") when Configurations is { } configurations:
                    return Task.FromResult(DoubleAnswer.Ok(new JsonObject(configurations.Select(setting => KeyValuePair.Create(setting.Key, (JsonNode?)setting.Value)))));
                default:
                    return Task.FromResult(new DoubleAnswer(404, "404 page not found"));
            }
        }
    }

    private Task<DoubleAnswer> Answer(DoubleRequest request)
    {
        if (Token.Length > 0 && request.Authorization != $"Bearer {Token}")
        {
            return Task.FromResult(new DoubleAnswer(401, new JsonObject { ["code"] = 1800, ["message"] = "user hasn't authenticated" }.ToJsonString()));
        }

        const string Prefix = "v2/vectordb/";
        var path = request.Path.StartsWith(Prefix, StringComparison.Ordinal) ? request.Path[Prefix.Length..] : "";
        lock (_lock)
        {
            return Task.FromResult(
                request.Method != "POST" || path.Length == 0 ? new DoubleAnswer(404, "404 page not found")
                : Refusals.TryGetValue(path, out var refusals) && refusals.TryDequeue(out var refusal) ? Failed(refusal.Code, refusal.Message)
                : Carry(path, request.Json));
        }
    }

    private DoubleAnswer Carry(string path, JsonObject body)
    {
        if (path == "databases/list")
        {
            return Good(new JsonArray([.. Collections.Select(collection => collection.Database).Append("default").Distinct().Select(name => (JsonNode)name)]));
        }

        var database = (string?)body["dbName"] ?? "default";
        if (path == "collections/list")
        {
            return Good(new JsonArray([.. Collections.Where(collection => collection.Database == database).Select(collection => (JsonNode)collection.Name)]));
        }

        if (path == "collections/create")
        {
            Collections.Add(new MilvusDoubleCollection(database, (string)body["collectionName"]!, 1000, 400, (int?)body["dimension"] ?? 4));
            return Good(new JsonObject());
        }

        if (path == "collections/get_compaction_state")
        {
            return State(body["jobID"]!.GetValue<long>());
        }

        if (Collections.FirstOrDefault(found => found.Database == database && found.Name == (string?)body["collectionName"]) is not { } collection)
        {
            return Failed(100, $"can't find collection[database={database}][collection={body["collectionName"]}]: collection not found");
        }

        return path switch
        {
            "collections/describe" => Good(Describe(collection)),
            "collections/get_stats" => Good(new JsonObject { ["rowCount"] = collection.Rows }),
            "collections/flush" => Flush(collection),
            "collections/compact" => Compact(collection, (bool?)body["isClustering"] == true),
            "entities/query" => collection.IsLoaded
                ? Good(new JsonArray(new JsonObject { ["count(*)"] = collection.Rows - collection.Deleted + collection.Growing }))
                : Failed(101, $"collection not loaded[collection={collection.Name}]"),
            _ => new DoubleAnswer(404, "404 page not found"),
        };
    }

    private JsonObject Describe(MilvusDoubleCollection collection) => new()
    {
        ["collectionName"] = collection.Name,
        ["collectionID"] = FirstCollection + Collections.IndexOf(collection),
        ["shardsNum"] = 1,
        ["partitionsNum"] = 1,
        ["load"] = collection.IsLoaded ? "LoadStateLoaded" : "LoadStateNotLoad",
        ["fields"] = new JsonArray(
            new JsonObject { ["name"] = "id", ["type"] = "Int64", ["primaryKey"] = true, ["autoId"] = false },
            new JsonObject
            {
                ["name"] = "vector",
                ["type"] = "FloatVector",
                ["params"] = new JsonArray(new JsonObject { ["key"] = "dim", ["value"] = $"{collection.Dimension}" }),
            }),
        ["indexes"] = new JsonArray(),
        ["properties"] = new JsonArray(),
    };

    private static DoubleAnswer Flush(MilvusDoubleCollection collection)
    {
        collection.Rows += collection.Growing;
        collection.Growing = 0;
        return Good(new JsonObject());
    }

    private DoubleAnswer Compact(MilvusDoubleCollection collection, bool isClustering)
    {
        if (isClustering)
        {
            return Failed(2303, "collection not support clustering compaction");
        }

        var id = Schedule(collection);
        return Good(new JsonObject { ["compactionID"] = id < 0 ? JsonValue.Create(-1) : IdOf(id) });
    }

    private long Schedule(MilvusDoubleCollection collection)
    {
        var isBusy = collection.IsHeldByBackground || _jobs.Values.Any(job => job.Collection == collection && job.Executing > 0);
        if (isBusy || collection.Deleted == 0)
        {
            return -1;
        }

        var id = ++LastJob;
        var job = new MilvusDoubleJob(collection);
        _jobs[id] = job;
        _started++;
        if (!Holds)
        {
            Finish(job);
        }

        return id;
    }

    private JsonNode IdOf(long id) => IdsAreTexts ? JsonValue.Create($"{id}") : JsonValue.Create(id);

    /// <summary>An id that is not known is "Completed" without plans, as is one whose plans have failed.</summary>
    private DoubleAnswer State(long id)
    {
        var job = _jobs.GetValueOrDefault(id);
        if (job is { Executing: > 0 } && EndsAfterLooks > 0 && --EndsAfterLooks == 0)
        {
            Finish(job);
        }

        return Good(new JsonObject
        {
            ["compactionID"] = IdOf(id),
            ["state"] = job is { Executing: > 0 } ? "Executing" : "Completed",
            ["executingPlanNumber"] = job?.Executing ?? 0,
            ["timeoutPlanNumber"] = job?.TimedOut ?? 0,
            ["completedPlanNumber"] = job?.Completed ?? 0,
        });
    }

    private void Finish(MilvusDoubleJob job)
    {
        job.Executing = 0;
        switch (Ending)
        {
            case MilvusDoubleEnding.Fails:
                job.Failed++;
                break;
            case MilvusDoubleEnding.TimesOut:
                job.TimedOut++;
                break;
            case MilvusDoubleEnding.Good:
                job.Completed++;
                job.Collection.Rows -= job.Collection.Deleted;
                job.Collection.Deleted = 0;
                break;
        }
    }

    private static DoubleAnswer Good(JsonNode data) => DoubleAnswer.Ok(new JsonObject { ["code"] = 0, ["data"] = data });

    private static DoubleAnswer Failed(int code, string message) => DoubleAnswer.Ok(new JsonObject { ["code"] = code, ["message"] = message });
}
