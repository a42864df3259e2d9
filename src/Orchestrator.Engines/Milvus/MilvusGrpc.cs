using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Orchestrator.Core.Engines;
using Orchestrator.Engines.Milvus.Wire;

namespace Orchestrator.Engines.Milvus;

/// <summary>
/// Milvus's gRPC interface, which is on the same port as REST and tells more: plans that failed, and the version. What stands before Milvus may let only
/// one of the two pass; so whatever goes wrong here is no error, and REST is asked.
/// </summary>
internal sealed class MilvusGrpc(MilvusClusterOptions options, EngineHttp http, TimeProvider time) : IDisposable
{
    /// <summary>How long gRPC is left alone after it did not work.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly GrpcChannel[] _channels = [.. options.Endpoints.Select(endpoint => GrpcChannel.ForAddress(
        endpoint, new GrpcChannelOptions { HttpClient = http.Create(), DisposeHttpClient = true }))];

    private long _pausedUntil;
    private volatile int _preferred;

    /// <returns>Null if gRPC does not tell.</returns>
    public async Task<string?> Version(CancellationToken cancellationToken)
    {
        var answer = await Ask((client, call) => client.GetVersionAsync(new GetVersionRequest(), call), "", cancellationToken).ConfigureAwait(false);
        return answer is { Version.Length: > 0 } && IsGood(answer.Status) ? answer.Version.TrimStart('v') : null;
    }

    /// <returns>Null if gRPC does not tell.</returns>
    public async Task<MilvusCompactionState?> State(string database, long job, CancellationToken cancellationToken)
    {
        var request = new GetCompactionStateRequest { CompactionID = job };
        var answer = await Ask((client, call) => client.GetCompactionStateAsync(request, call), database, cancellationToken).ConfigureAwait(false);
        return answer is not null && IsGood(answer.Status)
            ? new MilvusCompactionState(answer.State == 1 ? "Executing" : "Completed", answer.ExecutingPlanNo, answer.TimeoutPlanNo, answer.CompletedPlanNo) { Failed = answer.FailedPlanNo }
            : null;
    }

    /// <summary>Asked once: that a server or a user has no metrics is no reason to leave the other calls alone.</summary>
    /// <returns>In MiB; 0 if gRPC does not tell.</returns>
    public async Task<double> SegmentMaxSize(CancellationToken cancellationToken)
    {
        try
        {
            var request = new GetMetricsRequest { Request = """{"metric_type":"system_info"}""" };
            return IsPaused ? 0 : MilvusMetrics.SegmentMaxSize((await Send((client, call) => client.GetMetricsAsync(request, call), _preferred, "", cancellationToken).ConfigureAwait(false)).Response);
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
    }

    /// <returns>Null if gRPC does not tell.</returns>
    public async Task<MilvusSegments?> Segments(string database, string collection, long rowBytes, long smallBytes, CancellationToken cancellationToken)
    {
        var request = new GetPersistentSegmentInfoRequest { DbName = database, CollectionName = collection };
        var answer = await Ask((client, call) => client.GetPersistentSegmentInfoAsync(request, call), database, cancellationToken).ConfigureAwait(false);
        return answer is not null && IsGood(answer.Status) ? MilvusSegments.Of(answer.Infos, rowBytes, smallBytes) : null;
    }

    /// <summary>An order is sent once: where its answer is lost, nobody knows whether it was taken.</summary>
    /// <returns>Id of the job; -1 if nothing was scheduled.</returns>
    public async Task<long> Compact(string database, string collection, long id, MilvusDirectives directives, CancellationToken cancellationToken)
    {
        var request = new ManualCompactionRequest
        {
            DbName = database,
            CollectionName = collection,
            CollectionID = id,
            PartitionId = directives.Partition.Length > 0 ? await Partition(database, collection, directives.Partition, cancellationToken).ConfigureAwait(false) : 0,
            Channel = directives.Channel,
            MajorCompaction = directives.IsClustering,
            L0Compaction = directives.IsL0,
            TargetSize = directives.TargetSizeMB,
        };
        request.SegmentIds.AddRange(directives.Segments);
        try
        {
            var answer = await Send((client, call) => client.ManualCompactionAsync(request, call), _preferred, database, cancellationToken).ConfigureAwait(false);
            return IsGood(answer.Status) ? answer.CompactionID : throw Refusal(answer.Status);
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw e.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied
                ? new MilvusRefusal(1800, $"gRPC status {e.StatusCode}")
                : Silent();
        }
    }

    public void Dispose()
    {
        foreach (var channel in _channels)
        {
            channel.Dispose();
        }
    }

    private bool IsPaused => time.GetUtcNow().UtcTicks < Interlocked.Read(ref _pausedUntil);

    private static bool IsGood(Wire.Status? status) => status is null or { Code: 0, ErrorCode: 0 };

    private static MilvusRefusal Refusal(Wire.Status status) =>
        new(status.Code != 0 ? status.Code : status.ErrorCode, string.IsNullOrEmpty(status.Reason) ? "no reason given" : status.Reason);

    private EngineException Silent() =>
        new(EngineFault.Unreachable, $"{options.Endpoints[_preferred].Authority} does not answer by gRPC, which alone takes the options of this run");

    private async Task<long> Partition(string database, string collection, string name, CancellationToken cancellationToken)
    {
        var request = new ShowPartitionsRequest { DbName = database, CollectionName = collection };
        var answer = await Ask((client, call) => client.ShowPartitionsAsync(request, call), database, cancellationToken).ConfigureAwait(false) ?? throw Silent();
        if (!IsGood(answer.Status))
        {
            throw Refusal(answer.Status);
        }

        return answer.PartitionNames.IndexOf(name) is >= 0 and var at && at < answer.PartitionIDs.Count
            ? answer.PartitionIDs[at]
            : throw new EngineException(EngineFault.Failed, $"{database}/{collection} has no partition {name}; it has {string.Join(", ", answer.PartitionNames)}");
    }

    private async Task<T> Send<T>(
        Func<MilvusService.MilvusServiceClient, CallOptions, AsyncUnaryCall<T>> call, int at, string database, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(options.RequestTimeout);
        using var asked = call(new MilvusService.MilvusServiceClient(_channels[at]), new CallOptions(Headers(database), cancellationToken: limited.Token));
        return await asked.ResponseAsync.ConfigureAwait(false);
    }

    private async Task<T?> Ask<T>(Func<MilvusService.MilvusServiceClient, CallOptions, AsyncUnaryCall<T>> call, string database, CancellationToken cancellationToken)
        where T : class
    {
        if (IsPaused)
        {
            return null;
        }

        var first = _preferred;
        for (var i = 0; i < _channels.Length; i++)
        {
            var at = (first + i) % _channels.Length;
            try
            {
                var answer = await Send(call, at, database, cancellationToken).ConfigureAwait(false);
                _preferred = at;
                return answer;
            }
            catch (RpcException) when (!cancellationToken.IsCancellationRequested)
            {
                // The next one may do; else REST tells what is wrong.
            }
            catch (RpcException e)
            {
                throw new OperationCanceledException(e.Message, e, cancellationToken);
            }
        }

        Interlocked.Exchange(ref _pausedUntil, (time.GetUtcNow() + Pause).UtcTicks);
        return null;
    }

    private Metadata Headers(string database)
    {
        var metadata = new Metadata();
        if (options.Token.Length > 0)
        {
            metadata.Add("authorization", Convert.ToBase64String(Encoding.UTF8.GetBytes(options.Token)));
        }

        if (database.Length > 0)
        {
            metadata.Add("dbname", database);
        }

        return metadata;
    }
}
