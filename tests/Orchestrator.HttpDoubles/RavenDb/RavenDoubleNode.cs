using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Orchestrator.HttpDoubles.RavenDb;

/// <summary>One node of the double: its server, its operations (which it forgets when it restarts) and its answers.</summary>
public sealed class RavenDoubleNode : IAsyncDisposable
{
    public const string DisabledType = "Raven.Client.Exceptions.Database.DatabaseDisabledException";
    private readonly RavenDoubleCluster _cluster;
    private ConcurrentDictionary<long, RavenDoubleOperation> _operations = [];
    private long _lastOperation;

    public RavenDoubleNode(RavenDoubleCluster cluster, string tag, X509Certificate2? certificate)
    {
        (_cluster, Tag) = (cluster, tag);
        Server = new DoubleServer(request => Task.FromResult(cluster.InTurn(() => Answer(request))), certificate);
    }

    public string Tag { get; }

    public DoubleServer Server { get; }

    /// <summary>Bodies of the compactions that were ordered and accepted.</summary>
    public ConcurrentQueue<string> Compacts { get; } = [];

    /// <summary>Operations stay at work until it is completed; null for no time at all.</summary>
    public TaskCompletionSource? Held { get; private set; }

    public void Hold() => Held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release()
    {
        var held = Held;
        Held = null;
        held?.TrySetResult();
    }

    /// <summary>The process dies: operations are forgotten, a compaction of documents is as if it never was.</summary>
    public async Task Kill()
    {
        await Server.Kill();
        foreach (var operation in _operations.Values)
        {
            operation.IsKilled = true;
            operation.Killed.TrySetResult();
        }

        (_operations, _lastOperation) = ([], 0);
        foreach (var database in _cluster.Databases.Values)
        {
            database.On(Tag).IsLocked = false;
        }
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>What it says of a database whose documents are being compacted; the words differ by version.</summary>
    public string LockedText(string database) => _cluster.Version.StartsWith('5')
        ? $"The database '{database}' is currently locked because it is being compacted"
        : $"The database '{database}' has been unloaded and locked because it is being compacted";

    private DoubleAnswer Answer(DoubleRequest request)
    {
        if (_cluster.Operators is { } operators && !operators.Contains(request.ClientThumbprint))
        {
            return Refuse(403, "Raven.Client.Exceptions.Security.AuthorizationException", "This server requires client certificate for authentication, but none was provided by the client.");
        }

        return (request.Method, request.Path.Split('/')) switch
        {
            ("GET", ["build", "version"]) => DoubleAnswer.Ok(new JsonObject { ["ProductVersion"] = _cluster.Version, ["BuildVersion"] = 62000, ["CommitHash"] = "a", ["FullVersion"] = $"{_cluster.Version}.0" }),
            ("GET", ["cluster", "topology"]) => DoubleAnswer.Ok(Topology()),
            ("GET", ["admin", "cluster", "maintenance-stats"]) => Observed(),
            ("GET", ["topology"]) => ClientTopology(request.Query["name"]),
            ("GET", ["databases"]) => Databases(request.Query),
            ("PUT", ["admin", "databases"]) => Create(request),
            ("GET", ["admin", "databases"]) => RecordOf(request.Query["name"]),
            ("POST", ["admin", "databases", "reorder"]) => Reorder(request),
            ("POST", ["admin", "compact"]) => Compact(request.Json),
            ("POST", ["admin", "operations", "kill"]) => KillOperation(request.Query["id"]),
            ("GET", ["operations", "state"]) => Operation(request.Query["id"]) is { } operation ? DoubleAnswer.Ok(operation.ToJson()) : new DoubleAnswer(404, null),
            ("GET", ["databases", var name, .. var rest]) => OfDatabase(name, string.Join('/', rest)),
            _ => new DoubleAnswer(404, null),
        };
    }

    private static DoubleAnswer Refuse(int status, string type, string message) => new(status, new JsonObject
    {
        ["Url"] = "/",
        ["Type"] = type,
        ["Message"] = message,
        ["Error"] = $"{type}: {message}\r\n   at Raven.Server.RavenServerStartup.RequestHandler()",
    }.ToJsonString());

    private JsonObject Topology() => new()
    {
        ["Topology"] = new JsonObject
        {
            ["TopologyId"] = "6f3a",
            ["AllNodes"] = Urls(),
            ["Members"] = Urls(),
            ["Promotables"] = new JsonObject(),
            ["Watchers"] = new JsonObject(),
            ["LastNodeId"] = _cluster.Nodes[^1].Tag,
            ["Etag"] = 7,
        },
        ["Etag"] = 7,
        ["Leader"] = _cluster.Leader.Length == 0 ? null : _cluster.Leader,
        ["LeaderShipDuration"] = 1000,
        ["CurrentState"] = _cluster.Leader.Length == 0 ? "Candidate" : Tag == _cluster.Leader ? "Leader" : "Follower",
        ["NodeTag"] = Tag,
        ["CurrentTerm"] = 1,
        ["NodeLicenseDetails"] = new JsonObject(),
        ["LastStateChangeReason"] = _cluster.Leader.Length == 0 ? "An existing leader has not been heard from" : "",
        ["Status"] = new JsonObject(),
    };

    /// <summary>Of the leader only: what its observer saw of each node and its databases.</summary>
    private DoubleAnswer Observed() => Tag != _cluster.Leader ? new DoubleAnswer(307, null) : DoubleAnswer.Ok(new JsonObject(_cluster.Nodes.Select(node => KeyValuePair.Create(
        node.Tag,
        (JsonNode?)new JsonObject
        {
            ["Report"] = new JsonObject(_cluster.Databases.Values.Where(database => database.All.Contains(node.Tag)).Select(database => KeyValuePair.Create(
                database.Name,
                (JsonNode?)new JsonObject
                {
                    ["Name"] = database.Name,
                    ["NodeName"] = node.Tag,
                    ["DatabaseChangeVector"] = database.On(node.Tag).IsLoaded && !database.On(node.Tag).IsLocked ? database.On(node.Tag).ChangeVector : null,
                    ["Status"] = database.On(node.Tag).IsLoaded && !database.On(node.Tag).IsLocked ? "Loaded" : "Unloaded",
                }))),
            ["Status"] = "Ok",
            ["Error"] = null,
        }))));

    private JsonObject Urls()
    {
        var urls = new JsonObject();
        foreach (var node in _cluster.Nodes)
        {
            urls[node.Tag] = node.Server.Url.GetLeftPart(UriPartial.Authority);
        }

        return urls;
    }

    private DoubleAnswer ClientTopology(string name)
    {
        if (!_cluster.Databases.TryGetValue(name, out var database))
        {
            return Missing(name);
        }

        JsonArray nodes = [.. database.All.Select(tag => new JsonObject
        {
            ["Database"] = name,
            ["ClusterTag"] = tag,
            ["ServerRole"] = database.Members.Contains(tag) ? "Member" : "Rehab",
            ["Url"] = _cluster[tag].Server.Url.GetLeftPart(UriPartial.Authority),
        })];
        return DoubleAnswer.Ok(new JsonObject { ["Nodes"] = nodes, ["Etag"] = 3 });
    }

    private static DoubleAnswer Missing(string name) =>
        Refuse(404, "Raven.Client.Exceptions.Database.DatabaseDoesNotExistException", $"Database '{name}' was not found.") with
        {
            Headers = new Dictionary<string, string> { ["Database-Missing"] = name },
        };

    private DoubleAnswer Databases(IReadOnlyDictionary<string, string> query)
    {
        if (query.TryGetValue("name", out var name))
        {
            return _cluster.Databases.TryGetValue(name, out var one) ? DoubleAnswer.Ok(new JsonObject { ["Databases"] = new JsonArray(InfoOf(one)) }) : Missing(name);
        }

        var start = query.TryGetValue("start", out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : 0;
        var size = query.TryGetValue("pageSize", out text) ? int.Parse(text, CultureInfo.InvariantCulture) : int.MaxValue;
        var page = _cluster.Databases.Values.OrderBy(database => database.Name, StringComparer.Ordinal).Skip(start).Take(size);
        return DoubleAnswer.Ok(new JsonObject { ["Databases"] = new JsonArray([.. page.Select(InfoOf)]) });
    }

    private JsonObject InfoOf(RavenDoubleDatabase database)
    {
        var copy = database.On(Tag);
        var isHere = database.All.Contains(Tag);
        var error = copy.IsLocked ? LockedText(database.Name) : copy.LoadError;
        return new JsonObject
        {
            ["Name"] = database.Name,
            ["Disabled"] = database.IsDisabled,
            ["LockMode"] = "Unlock",
            ["TotalSize"] = new JsonObject { ["SizeInBytes"] = isHere && copy.IsLoaded ? copy.Documents.Bytes : 0, ["HumaneSize"] = "" },
            ["UpTime"] = isHere && copy.IsLoaded && error.Length == 0 ? "00:12:00.5" : null,
            ["BackupInfo"] = null,
            ["IndexesCount"] = copy.Indexes.Count,
            ["LoadError"] = error.Length > 0 && isHere ? error : null,
            ["NodesTopology"] = new JsonObject
            {
                ["Members"] = Tags(database.Members),
                ["Promotables"] = Tags(database.Promotables),
                ["Rehabs"] = Tags(database.Rehabs),
                ["Status"] = new JsonObject(database.Rehabs.Select(tag => KeyValuePair.Create(
                    tag, (JsonNode?)new JsonObject { ["LastStatus"] = "NotResponding", ["LastError"] = "it is behind" }))),
                ["PriorityOrder"] = new JsonArray([.. database.PriorityOrder.Select(tag => (JsonNode)tag)]),
            },
            ["ReplicationFactor"] = database.All.Count(),
            ["DynamicNodesDistribution"] = false,
            ["DeletionInProgress"] = null,
        };
    }

    private JsonArray Tags(IEnumerable<string> tags) => [.. tags.Select(tag => new JsonObject
    {
        ["NodeTag"] = tag,
        ["NodeUrl"] = _cluster[tag].Server.Url.GetLeftPart(UriPartial.Authority),
        ["ResponsibleNode"] = null,
    })];

    private DoubleAnswer Create(DoubleRequest request)
    {
        var name = request.Query["name"];
        var factor = int.Parse(request.Query.GetValueOrDefault("replicationFactor", "1"), CultureInfo.InvariantCulture);
        var database = _cluster.Add(name, [.. _cluster.Nodes.Take(factor).Select(node => node.Tag)]);
        foreach (var tag in database.Members)
        {
            database.On(tag).Documents = new RavenDoubleFile(128 << 20, 64 << 20);
        }

        return new DoubleAnswer(201, new JsonObject
        {
            ["RaftCommandIndex"] = 10,
            ["Name"] = name,
            ["Topology"] = new JsonObject { ["Members"] = new JsonArray([.. database.Members.Select(tag => (JsonNode)tag)]), ["ReplicationFactor"] = factor },
            ["NodesAddedTo"] = new JsonArray([.. database.Members.Select(tag => (JsonNode)_cluster[tag].Server.Url.ToString())]),
        }.ToJsonString());
    }

    private DoubleAnswer RecordOf(string name) => _cluster.Databases.TryGetValue(name, out var database)
        ? DoubleAnswer.Ok(new JsonObject
        {
            ["DatabaseName"] = name,
            ["DocumentsCompression"] = new JsonObject { ["Collections"] = new JsonArray(), ["CompressRevisions"] = true, ["CompressAllCollections"] = database.Compresses },
        })
        : Missing(name);

    private DoubleAnswer Reorder(DoubleRequest request)
    {
        if (!_cluster.Databases.TryGetValue(request.Query["name"], out var database))
        {
            return Missing(request.Query["name"]);
        }

        if (_cluster.Leader.Length == 0)
        {
            return Refuse(503, "Raven.Client.Exceptions.Cluster.NoLeaderException", "There is no leader.");
        }

        var order = request.Json["MembersOrder"]!.AsArray().Select(tag => (string)tag!).ToList();
        if (!order.Order(StringComparer.Ordinal).SequenceEqual(database.All.Order(StringComparer.Ordinal)))
        {
            return Refuse(500, "System.ArgumentException", "The reordered list doesn't correspond to the existing topology.");
        }

        foreach (var list in new[] { database.Members, database.Promotables, database.Rehabs })
        {
            list.Sort((one, other) => order.IndexOf(one).CompareTo(order.IndexOf(other)));
        }

        database.PriorityOrder.Clear();
        database.PriorityOrder.AddRange((bool?)request.Json["Fixed"] == true ? order : []);
        return new DoubleAnswer(204, null);
    }

    private DoubleAnswer Compact(JsonObject settings)
    {
        const string Invalid = "System.InvalidOperationException";
        var name = (string?)settings["DatabaseName"] ?? "";
        if (name.Length == 0)
        {
            return Refuse(500, Invalid, "DatabaseName is a required field when compacting a database.");
        }

        if (_cluster.Databases.Keys.Any(other => other.StartsWith($"{name}$", StringComparison.OrdinalIgnoreCase)))
        {
            return Refuse(500, "Raven.Client.Exceptions.Sharding.NotSupportedInShardingException", $"Cannot compact sharded database '{name}'.");
        }

        if (!_cluster.Databases.TryGetValue(name, out var database))
        {
            return Refuse(500, Invalid, $"Cannot compact database {name}, it doesn't exist.");
        }

        if (!database.All.Contains(Tag))
        {
            return Refuse(500, Invalid, $"Cannot compact database {name} on node {Tag}, because it doesn't reside on this node.");
        }

        if ((bool?)settings["Documents"] != true && settings["Indexes"] is not JsonArray { Count: > 0 })
        {
            return Refuse(500, Invalid, "Documents is false in compact settings and no indexes were supplied. Nothing to compact.");
        }

        if (database.On(Tag).IsLocked)
        {
            return Refuse(503, DisabledType, LockedText(name));
        }

        Compacts.Enqueue(settings.ToJsonString());
        var id = Interlocked.Increment(ref _lastOperation);
        var operation = new RavenDoubleOperation();
        _operations[id] = operation;
        _ = new RavenDoubleCompaction(this, database, settings, operation).Run();
        return DoubleAnswer.Ok(new JsonObject { ["OperationId"] = id, ["OperationNodeTag"] = Tag });
    }

    private DoubleAnswer KillOperation(string id)
    {
        if (Operation(id) is { Status: "InProgress" } operation)
        {
            operation.IsKilled = true;
            operation.Killed.TrySetResult();
        }

        return new DoubleAnswer(Operation(id) is null ? 404 : 204, null);
    }

    private RavenDoubleOperation? Operation(string id) => _operations.GetValueOrDefault(long.Parse(id, CultureInfo.InvariantCulture));

    private DoubleAnswer OfDatabase(string name, string path)
    {
        if (!_cluster.Databases.TryGetValue(name, out var database) || !database.All.Contains(Tag))
        {
            return Missing(name);
        }

        var copy = database.On(Tag);
        if (copy.IsLocked)
        {
            return Refuse(503, DisabledType, LockedText(name));
        }

        if (copy.LoadError.Length > 0)
        {
            return Refuse(500, "Raven.Client.Exceptions.Database.DatabaseLoadFailureException", copy.LoadError);
        }

        copy.IsLoaded = true;
        return path switch
        {
            "debug/storage/report" => DoubleAnswer.Ok(new JsonObject
            {
                ["BasePath"] = $"/var/lib/ravendb/Databases/{name}",
                ["Results"] = new JsonArray(
                [
                    EnvironmentOf(name, "Documents", copy.Documents),
                    .. copy.Indexes.Select(index => EnvironmentOf(index.Key, "Index", index.Value.File)),
                    EnvironmentOf("Configuration", "Configuration", new RavenDoubleFile(64 << 10, 0)),
                ]),
            }),
            "stats" => DoubleAnswer.Ok(new JsonObject { ["CountOfIndexes"] = copy.Indexes.Count, ["DatabaseChangeVector"] = copy.ChangeVector }),
            "indexes/stats" => DoubleAnswer.Ok(new JsonObject
            {
                ["Results"] = new JsonArray([.. copy.Indexes.Select(index => new JsonObject
                {
                    ["Name"] = index.Key,
                    ["Type"] = index.Value.Type,
                    ["State"] = "Normal",
                    ["EntriesCount"] = 5,
                    ["SearchEngineType"] = index.Value.Engine,
                })]),
            }),
            _ => new DoubleAnswer(404, null),
        };
    }

    private static JsonObject EnvironmentOf(string name, string type, RavenDoubleFile file) => new()
    {
        ["Name"] = name,
        ["Type"] = type,
        ["Report"] = new JsonObject
        {
            ["DataFile"] = new JsonObject
            {
                ["AllocatedSpaceInBytes"] = file.Bytes,
                ["UsedSpaceInBytes"] = file.Bytes - file.Free,
                ["FreeSpaceInBytes"] = file.Free,
            },
            ["Journals"] = new JsonArray(),
            ["TempBuffers"] = new JsonArray(),
            ["CountOfTrees"] = 12,
            ["CountOfTables"] = 6,
        },
    };
}
