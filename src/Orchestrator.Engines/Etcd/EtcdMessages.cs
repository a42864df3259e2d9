using System.Text.Json.Serialization;

namespace Orchestrator.Engines.Etcd;

// Requests and answers of etcd's JSON gateway, as rpc.proto of etcd 3.4 to 3.6 has them. 64-bit numbers are strings in
// JSON, fields that are zero or false are left out, bytes are base64. Properties have setters, not initialisers: the
// serializer's generated code would set what is left out to null and not to its default.

internal sealed record EmptyRequest;

internal sealed record EmptyResponse;

internal sealed record ResponseHeader
{
    [JsonPropertyName("cluster_id")]
    public ulong ClusterId { get; set; }

    [JsonPropertyName("member_id")]
    public ulong MemberId { get; set; }

    [JsonPropertyName("revision")]
    public long Revision { get; set; }

    [JsonPropertyName("raft_term")]
    public ulong RaftTerm { get; set; }
}

internal sealed record StatusResponse
{
    [JsonPropertyName("header")]
    public ResponseHeader Header { get; set; } = new();

    [JsonPropertyName("version")]
    public string Version { get; set; } = "";

    [JsonPropertyName("dbSize")]
    public long DbSize { get; set; }

    /// <summary>Since 3.4; 0 if not told.</summary>
    [JsonPropertyName("dbSizeInUse")]
    public long DbSizeInUse { get; set; }

    /// <summary>Since 3.6; 0 if not told.</summary>
    [JsonPropertyName("dbSizeQuota")]
    public long DbSizeQuota { get; set; }

    [JsonPropertyName("leader")]
    public ulong Leader { get; set; }

    /// <summary>Index of the last committed entry.</summary>
    [JsonPropertyName("raftIndex")]
    public ulong RaftIndex { get; set; }

    [JsonPropertyName("raftTerm")]
    public ulong RaftTerm { get; set; }

    [JsonPropertyName("raftAppliedIndex")]
    public ulong RaftAppliedIndex { get; set; }

    /// <summary>Alarms, and the lack of a leader, as texts.</summary>
    [JsonPropertyName("errors")]
    public IReadOnlyList<string> Errors { get; set; } = [];

    [JsonPropertyName("isLearner")]
    public bool IsLearner { get; set; }

    public bool IsLeader => Leader != 0 && Leader == Header.MemberId;
}

internal sealed record MemberListResponse
{
    [JsonPropertyName("header")]
    public ResponseHeader Header { get; set; } = new();

    [JsonPropertyName("members")]
    public IReadOnlyList<MemberEntry> Members { get; set; } = [];
}

internal sealed record MemberEntry
{
    [JsonPropertyName("ID")]
    public ulong Id { get; set; }

    /// <summary>Empty until the member has started for the first time.</summary>
    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    /// <summary>Empty until the member has started for the first time.</summary>
    [JsonPropertyName("clientURLs")]
    public IReadOnlyList<string> ClientUrls { get; set; } = [];

    [JsonPropertyName("isLearner")]
    public bool IsLearner { get; set; }
}

internal sealed record AlarmRequest(
    [property: JsonPropertyName("action")] string Action,
    [property: JsonPropertyName("memberID")] ulong MemberId,
    [property: JsonPropertyName("alarm")] string Alarm);

internal sealed record CompactionRequestBody(
    [property: JsonPropertyName("revision")] long Revision,
    [property: JsonPropertyName("physical")] bool Physical);

internal sealed record TransferRequest([property: JsonPropertyName("targetID")] ulong TargetId);

internal sealed record AuthenticateRequest(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("password")] string Password)
{
    public override string ToString() => $"AuthenticateRequest {{ {Name} }}";
}

internal sealed record AuthenticateResponse([property: JsonPropertyName("token")] string Token = "");

internal sealed record RangeRequest(
    [property: JsonPropertyName("key")] byte[] Key,
    [property: JsonPropertyName("serializable")] bool Serializable,
    [property: JsonPropertyName("keys_only")] bool KeysOnly);

internal sealed record RangeResponse([property: JsonPropertyName("kvs")] IReadOnlyList<KeyValue>? KeyValues = null);

internal sealed record KeyValue
{
    [JsonPropertyName("value")]
    public byte[] Value { get; set; } = [];

    [JsonPropertyName("mod_revision")]
    public long ModRevision { get; set; }
}

internal sealed record LeaseRequest([property: JsonPropertyName("TTL")] long Ttl, [property: JsonPropertyName("ID")] ulong Id = 0);

internal sealed record LeaseIdRequest([property: JsonPropertyName("ID")] ulong Id);

internal sealed record LeaseResponse
{
    [JsonPropertyName("ID")]
    public ulong Id { get; set; }

    /// <summary>Seconds; 0 when the lease is gone.</summary>
    [JsonPropertyName("TTL")]
    public long Ttl { get; set; }
}

internal sealed record KeepAliveResponse([property: JsonPropertyName("result")] LeaseResponse? Result = null);

internal sealed record TxnRequest(
    [property: JsonPropertyName("compare")] IReadOnlyList<Compare> Compare,
    [property: JsonPropertyName("success")] IReadOnlyList<RequestOp> Success,
    [property: JsonPropertyName("failure")] IReadOnlyList<RequestOp> Failure);

/// <param name="Target">CREATE or MOD, with the revision to which it belongs.</param>
internal sealed record Compare(
    [property: JsonPropertyName("key")] byte[] Key,
    [property: JsonPropertyName("target")] string Target,
    [property: JsonPropertyName("create_revision"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? CreateRevision = null,
    [property: JsonPropertyName("mod_revision"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? ModRevision = null,
    [property: JsonPropertyName("result")] string Result = "EQUAL");

internal sealed record RequestOp(
    [property: JsonPropertyName("request_put"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PutRequest? Put = null,
    [property: JsonPropertyName("request_range"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RangeRequest? Range = null,
    [property: JsonPropertyName("request_delete_range"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DeleteRequest? Delete = null);

internal sealed record PutRequest(
    [property: JsonPropertyName("key")] byte[] Key,
    [property: JsonPropertyName("value")] byte[] Value,
    [property: JsonPropertyName("lease")] ulong Lease);

internal sealed record DeleteRequest([property: JsonPropertyName("key")] byte[] Key);

internal sealed record TxnResponse
{
    [JsonPropertyName("succeeded")]
    public bool Succeeded { get; set; }

    [JsonPropertyName("responses")]
    public IReadOnlyList<ResponseOp> Responses { get; set; } = [];
}

internal sealed record ResponseOp([property: JsonPropertyName("response_range")] RangeResponse? Range = null);

/// <summary>What etcd says when it does not do what it was asked.</summary>
internal sealed record ErrorResponse
{
    [JsonPropertyName("error")]
    public string Error { get; set; } = "";

    [JsonPropertyName("message")]
    public string Message { get; set; } = "";

    /// <summary>The gRPC status code.</summary>
    [JsonPropertyName("code")]
    public int Code { get; set; }
}

/// <summary>Who holds the lock, as it stands under the lock's key.</summary>
internal sealed record LockHolder(
    [property: JsonPropertyName("run")] string Run,
    [property: JsonPropertyName("process")] string Process,
    [property: JsonPropertyName("since")] DateTimeOffset Since);

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString)]
[JsonSerializable(typeof(EmptyRequest))]
[JsonSerializable(typeof(EmptyResponse))]
[JsonSerializable(typeof(StatusResponse))]
[JsonSerializable(typeof(MemberListResponse))]
[JsonSerializable(typeof(AlarmRequest))]
[JsonSerializable(typeof(CompactionRequestBody))]
[JsonSerializable(typeof(TransferRequest))]
[JsonSerializable(typeof(AuthenticateRequest))]
[JsonSerializable(typeof(AuthenticateResponse))]
[JsonSerializable(typeof(RangeRequest))]
[JsonSerializable(typeof(RangeResponse))]
[JsonSerializable(typeof(LeaseRequest))]
[JsonSerializable(typeof(LeaseIdRequest))]
[JsonSerializable(typeof(LeaseResponse))]
[JsonSerializable(typeof(KeepAliveResponse))]
[JsonSerializable(typeof(TxnRequest))]
[JsonSerializable(typeof(TxnResponse))]
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(LockHolder))]
internal sealed partial class EtcdJson : JsonSerializerContext;

/// <summary>A call of the gateway: path and shapes.</summary>
/// <param name="Repeatable">Whether doing it twice does no harm, so that it may be sent to another address of the member after a failure.</param>
internal sealed record EtcdCall<TRequest, TResponse>(
    string Path,
    System.Text.Json.Serialization.Metadata.JsonTypeInfo<TRequest> Request,
    System.Text.Json.Serialization.Metadata.JsonTypeInfo<TResponse> Response,
    bool Repeatable);

/// <summary>The calls that are used; all exist in etcd 3.4 and later.</summary>
internal static class EtcdCalls
{
    private static readonly EtcdJson Json = EtcdJson.Default;

    public static EtcdCall<EmptyRequest, StatusResponse> Status { get; } = new("v3/maintenance/status", Json.EmptyRequest, Json.StatusResponse, true);

    public static EtcdCall<EmptyRequest, MemberListResponse> MemberList { get; } = new("v3/cluster/member/list", Json.EmptyRequest, Json.MemberListResponse, true);

    public static EtcdCall<EmptyRequest, EmptyResponse> Defragment { get; } = new("v3/maintenance/defragment", Json.EmptyRequest, Json.EmptyResponse, false);

    public static EtcdCall<AlarmRequest, EmptyResponse> Alarm { get; } = new("v3/maintenance/alarm", Json.AlarmRequest, Json.EmptyResponse, true);

    public static EtcdCall<CompactionRequestBody, EmptyResponse> CompactHistory { get; } = new("v3/kv/compaction", Json.CompactionRequestBody, Json.EmptyResponse, true);

    public static EtcdCall<TransferRequest, EmptyResponse> TransferLeadership { get; } = new("v3/maintenance/transfer-leadership", Json.TransferRequest, Json.EmptyResponse, false);

    public static EtcdCall<AuthenticateRequest, AuthenticateResponse> Authenticate { get; } = new("v3/auth/authenticate", Json.AuthenticateRequest, Json.AuthenticateResponse, true);

    public static EtcdCall<RangeRequest, RangeResponse> Range { get; } = new("v3/kv/range", Json.RangeRequest, Json.RangeResponse, true);

    public static EtcdCall<TxnRequest, TxnResponse> Txn { get; } = new("v3/kv/txn", Json.TxnRequest, Json.TxnResponse, false);

    public static EtcdCall<LeaseRequest, LeaseResponse> GrantLease { get; } = new("v3/lease/grant", Json.LeaseRequest, Json.LeaseResponse, true);

    public static EtcdCall<LeaseIdRequest, KeepAliveResponse> KeepAlive { get; } = new("v3/lease/keepalive", Json.LeaseIdRequest, Json.KeepAliveResponse, true);

    public static EtcdCall<LeaseIdRequest, EmptyResponse> RevokeLease { get; } = new("v3/lease/revoke", Json.LeaseIdRequest, Json.EmptyResponse, true);
}
