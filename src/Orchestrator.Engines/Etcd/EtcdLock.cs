using System.Text;
using System.Text.Json;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Etcd;

/// <summary>A key with a lease: when the process dies it expires.</summary>
internal sealed class EtcdLock(EtcdClusterOptions options, string process, TimeProvider time, Func<IReadOnlyList<EtcdClient>> members)
    : EngineClaim(options.Name, options.LockTimeToLive, time)
{
    private readonly byte[] key = Encoding.UTF8.GetBytes(options.LockKey);
    private ulong lease;

    // The alarm refuses every write, the lock's too; a run is what ends it.
    protected override string? Obstacle(EngineRefusal refusal) =>
        refusal is EtcdRefusal { IsOutOfSpace: true } ? $"etcd is out of space and refuses the lock under the key '{options.LockKey}'" : null;

    protected override async Task Write(string runId, CancellationToken cancellationToken)
    {
        try
        {
            lease = await Acquire(runId, cancellationToken).ConfigureAwait(false);
        }
        catch (EtcdRefusal refusal) when (refusal.IsDenial && !refusal.WantsNewToken && refusal.Code == 7)
        {
            throw new EngineException(
                EngineFault.Denied,
                $"the user '{options.User}' has no permission to write the key '{options.LockKey}', which keeps a second orchestrator away: give it the role root, or write permission on that key",
                refusal);
        }
    }

    protected override async Task Prolong(CancellationToken cancellationToken)
    {
        var answer = await Ask(EtcdCalls.KeepAlive, new LeaseIdRequest(lease), cancellationToken).ConfigureAwait(false);
        if (answer.Result is not { Ttl: > 0 })
        {
            throw new EngineException(EngineFault.Claimed, $"the lock under the key '{options.LockKey}' has expired");
        }
    }

    protected override Task Remove(string runId, CancellationToken cancellationToken) => Revoke(lease, cancellationToken);

    /// <returns>The lease.</returns>
    private async Task<ulong> Acquire(string runId, CancellationToken cancellationToken)
    {
        var granted = await Ask(EtcdCalls.GrantLease, new LeaseRequest((long)options.LockTimeToLive.TotalSeconds), cancellationToken).ConfigureAwait(false);
        try
        {
            var value = JsonSerializer.SerializeToUtf8Bytes(new LockHolder(runId, process, Time.GetUtcNow()), EtcdJson.Default.LockHolder);
            var put = new RequestOp(Put: new PutRequest(key, value, granted.Id));
            var look = new RequestOp(Range: new RangeRequest(key, Serializable: false, KeysOnly: false));
            var answer = await Ask(
                EtcdCalls.Txn, new TxnRequest([new Compare(key, "CREATE", CreateRevision: 0)], [put], [look]), cancellationToken).ConfigureAwait(false);
            for (var attempt = 0; !answer.Succeeded; attempt++)
            {
                var present = answer.Responses.Select(response => response.Range?.KeyValues?.FirstOrDefault()).OfType<KeyValue>().FirstOrDefault();
                if (attempt > 0 || present is null || HolderOf(present) is not { } holder || holder.Run != runId)
                {
                    throw Held(present);
                }

                answer = await Ask(
                    EtcdCalls.Txn, new TxnRequest([new Compare(key, "MOD", ModRevision: present.ModRevision)], [put], [look]), cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            await Revoke(granted.Id, cancellationToken).ConfigureAwait(false);
            throw;
        }

        return granted.Id;
    }

    private EngineException Held(KeyValue? present)
    {
        var holder = present is null ? null : HolderOf(present);
        var who = holder is null ? "somebody" : $"run {holder.Run} of {holder.Process}";
        return new EngineException(
            EngineFault.Claimed,
            $"{who} works on this etcd cluster{(holder is null ? "" : $" since {holder.Since:u}")} (key '{options.LockKey}'); wait for it. If that process has died, "
            + $"the key expires within {options.LockTimeToLive.TotalSeconds:0} s");
    }

    private static LockHolder? HolderOf(KeyValue present)
    {
        try
        {
            return JsonSerializer.Deserialize(present.Value, EtcdJson.Default.LockHolder);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task Revoke(ulong id, CancellationToken cancellationToken)
    {
        try
        {
            await Ask(EtcdCalls.RevokeLease, new LeaseIdRequest(id), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is EngineException or EtcdRefusal)
        {
            // It ends by itself after its time.
        }
    }

    /// <summary>Asks one member after another until one answers: any of them will do, and one may be defragmenting.</summary>
    private async Task<TResponse> Ask<TRequest, TResponse>(EtcdCall<TRequest, TResponse> call, TRequest request, CancellationToken cancellationToken)
    {
        EngineException? failure = null;
        foreach (var member in members().Where(member => member.Addresses.Count > 0))
        {
            try
            {
                return await member.Call(call, request, options.RequestTimeout, cancellationToken).ConfigureAwait(false);
            }
            catch (EngineException e) when (e.Fault is EngineFault.Unreachable)
            {
                failure = e;
            }
            catch (EtcdRefusal e) when (e.IsLearnerRefusal)
            {
                // A learner answers nothing but reads of its own.
            }
        }

        throw failure ?? new EngineException(EngineFault.Unreachable, $"no member of {options.Name} answers");
    }
}
