using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
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

    public void Dispose()
    {
        foreach (var channel in _channels)
        {
            channel.Dispose();
        }
    }

    private static bool IsGood(Wire.Status? status) => status is null or { Code: 0, ErrorCode: 0 };

    private async Task<T?> Ask<T>(Func<MilvusService.MilvusServiceClient, CallOptions, AsyncUnaryCall<T>> call, string database, CancellationToken cancellationToken)
        where T : class
    {
        if (time.GetUtcNow().UtcTicks < Interlocked.Read(ref _pausedUntil))
        {
            return null;
        }

        foreach (var channel in _channels)
        {
            try
            {
                using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limited.CancelAfter(options.RequestTimeout);
                using var asked = call(new MilvusService.MilvusServiceClient(channel), new CallOptions(Headers(database), cancellationToken: limited.Token));
                return await asked.ResponseAsync.ConfigureAwait(false);
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
