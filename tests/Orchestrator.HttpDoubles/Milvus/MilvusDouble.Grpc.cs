using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Orchestrator.HttpDoubles.Milvus.Wire;

namespace Orchestrator.HttpDoubles.Milvus;

/// <content>The same cluster by gRPC, on one port with REST.</content>
public sealed partial class MilvusDouble
{
    private readonly List<string> _calls = [];
    private MilvusDoubleGrpc? _grpc;
    private MilvusDoubleFront? _front;

    /// <summary>Orders that came by gRPC, in words.</summary>
    public List<string> Orders { get; } = [];

    /// <summary>What the next order by gRPC is refused with.</summary>
    public (int Code, string Reason)? GrpcRefusal { get; set; }

    /// <summary>Segments of each collection: rows, state and level.</summary>
    public List<(long Rows, int State, int Level)> Segments { get; } = [];

    public string Version { get; set; } = "v2.5.4";

    /// <summary>In MiB, as the metrics tell it; 0 for a server without metrics.</summary>
    public double SegmentMaxSize { get; set; }

    /// <summary>Names of the calls that came by gRPC.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_lock)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>Opens a port that answers REST and gRPC.</summary>
    public Uri OpenGrpc()
    {
        var grpc = _grpc ??= new MilvusDoubleGrpc(AnswerGrpc);
        _front ??= new MilvusDoubleFront(isHttp2 => isHttp2 ? grpc.Port : Server.Port);
        return new Uri($"http://127.0.0.1:{_front.Port}/");
    }

    private async Task DisposeGrpc()
    {
        if (_front is not null)
        {
            await _front.DisposeAsync();
        }

        if (_grpc is not null)
        {
            await _grpc.DisposeAsync();
        }
    }

    private IMessage? AnswerGrpc(string call, byte[] request, string authorization)
    {
        if (Token.Length > 0 && authorization != Convert.ToBase64String(Encoding.UTF8.GetBytes(Token)))
        {
            throw new UnauthorizedAccessException();
        }

        lock (_lock)
        {
            _calls.Add(call);
            return call switch
            {
                "Connect" => new ConnectResponse { Status = new Status(), Identifier = 1 },
                "GetVersion" => new GetVersionResponse { Status = new Status(), Version = Version },
                "DescribeCollection" => DescribeByGrpc(DescribeCollectionRequest.Parser.ParseFrom(request)),
                "ManualCompaction" => CompactByGrpc(ManualCompactionRequest.Parser.ParseFrom(request)),
                "GetCompactionState" => StateByGrpc(GetCompactionStateRequest.Parser.ParseFrom(request).CompactionID),
                "ShowPartitions" => new ShowPartitionsResponse { Status = new Status(), PartitionNames = { "_default", "autumn" }, PartitionIDs = { 7001, 461_000_000_000_000_777 } },
                "GetMetrics" => SegmentMaxSize > 0 && GetMetricsRequest.Parser.ParseFrom(request).Request == """{"metric_type":"system_info"}""" ? Metrics() : null,
                "GetPersistentSegmentInfo" => new GetPersistentSegmentInfoResponse
                {
                    Status = new Status(),
                    Infos = { Segments.Select((segment, index) => new PersistentSegmentInfo { SegmentID = index + 1, NumRows = segment.Rows, State = segment.State, Level = segment.Level }) },
                },
                _ => null,
            };
        }
    }

    private GetMetricsResponse Metrics() => new()
    {
        Status = new Status(),
        ComponentName = "system_info",
        Response = new JsonObject
        {
            ["nodes_info"] = new JsonArray(
                NodeOf("proxy", new JsonObject { ["default_partition_name"] = "_default" }),
                NodeOf("datacoord", new JsonObject { ["segment_max_size"] = SegmentMaxSize })),
        }.ToJsonString(),
    };

    private static JsonObject NodeOf(string type, JsonObject configurations) => new()
    {
        ["connected"] = new JsonArray(),
        ["infos"] = new JsonObject { ["has_error"] = false, ["name"] = $"{type}1", ["type"] = type, ["system_configurations"] = configurations },
    };

    private DescribeCollectionResponse DescribeByGrpc(DescribeCollectionRequest request)
    {
        var database = request.DbName.Length > 0 ? request.DbName : "default";
        var index = Collections.FindIndex(found => found.Database == database && found.Name == request.CollectionName);
        if (index < 0)
        {
            return new DescribeCollectionResponse { Status = new Status { ErrorCode = 4, Code = 100, Reason = "collection not found" } };
        }

        var answer = new DescribeCollectionResponse
        {
            Status = new Status(),
            CollectionID = FirstCollection + index,
            CollectionName = request.CollectionName,
            Schema = new CollectionSchema { Name = request.CollectionName },
        };
        answer.Schema.Fields.Add(new FieldSchema { FieldID = 100, Name = "id", IsPrimaryKey = true, DataType = 5 });
        return answer;
    }

    private ManualCompactionResponse CompactByGrpc(ManualCompactionRequest request)
    {
        Orders.Add($"{request.DbName}/{request.CollectionName} {request.PartitionId} {request.Channel} {string.Join(',', request.SegmentIds)} "
            + $"{(request.L0Compaction ? "l0" : "")}{(request.MajorCompaction ? "clustering" : "")} {request.TargetSize}");
        if (GrpcRefusal is { } refusal)
        {
            GrpcRefusal = null;
            return new ManualCompactionResponse { Status = new Status { Code = refusal.Code, Reason = refusal.Reason } };
        }

        var id = Schedule(Collections[(int)(request.CollectionID - FirstCollection)]);
        return new ManualCompactionResponse { Status = new Status(), CompactionID = id, CompactionPlanCount = id < 0 ? 0 : 1 };
    }

    private GetCompactionStateResponse StateByGrpc(long id)
    {
        var job = _jobs.GetValueOrDefault(id);
        return new GetCompactionStateResponse
        {
            Status = new Status(),
            State = job is { Executing: > 0 } ? 1 : 2,
            ExecutingPlanNo = job?.Executing ?? 0,
            TimeoutPlanNo = job?.TimedOut ?? 0,
            CompletedPlanNo = job?.Completed ?? 0,
            FailedPlanNo = job?.Failed ?? 0,
        };
    }
}
