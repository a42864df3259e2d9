using System.Text.Json.Nodes;
using k8s;
using k8s.LeaderElection;
using k8s.LeaderElection.ResourceLock;
using k8s.Models;

namespace Orchestrator.Host.Kubernetes;

/// <summary>
/// Agrees with the other operators, by a Lease, on the one that works. Work is cancelled as soon as the Lease cannot be renewed; it is given
/// back at an orderly end, so that the next one need not wait. Orders to the supervisor are safe to give twice, whoever gives them.
/// </summary>
internal sealed class Leadership(IKubernetes client, string place, string lease, string identity, TimeProvider time, Serilog.ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly LastingTrouble _trouble = new(
        $"The Lease {lease} cannot be had or renewed", $"The Lease {lease} can be read and renewed again", time, logger);

    private volatile bool _hasFailed;

    /// <summary>Runs work whenever this process leads, until it is cancelled.</summary>
    public async Task Run(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var reign = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var working = Task.CompletedTask;
            using var elector = new LeaderElector(new LeaderElectionConfig(new WatchedLease(client, place, lease, identity, OnAttempt))
            {
                LeaseDuration = TimeSpan.FromSeconds(15),
                RenewDeadline = TimeSpan.FromSeconds(10),
                RetryPeriod = TimeSpan.FromSeconds(2),
            });
            elector.OnStartedLeading += () =>
            {
                logger.Information("This operator works: it has the Lease {Lease}", lease);
                working = Task.Run(() => work(reign.Token), CancellationToken.None);
            };
            elector.OnStoppedLeading += reign.Cancel;
            elector.OnError += OnError;
            try
            {
                await elector.RunUntilLeadershipLostAsync(cancellationToken);
            }
            catch (Exception e) when (ResourceStore.IsExpected(e))
            {
                if (!cancellationToken.IsCancellationRequested)
                {
                    OnError(e);
                }
            }
            finally
            {
                await reign.CancelAsync();
                await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Release();
    }

    /// <summary>The elector does not say that an attempt has succeeded, only that one has failed.</summary>
    private void OnAttempt()
    {
        if (!_hasFailed)
        {
            _trouble.Over();
        }

        _hasFailed = false;
    }

    private void OnError(Exception error)
    {
        _hasFailed = true;
        _trouble.Note(ResourceStore.Reason(error));
    }

    /// <summary>The elector leaves its name in the Lease, for which the next one would wait.</summary>
    private async Task Release()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            var held = await client.CoordinationV1.ReadNamespacedLeaseAsync(lease, place, cancellationToken: limit.Token);
            if (held.Spec.HolderIdentity == identity)
            {
                var change = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["resourceVersion"] = held.Metadata.ResourceVersion },
                    ["spec"] = new JsonObject { ["holderIdentity"] = "", ["leaseDurationSeconds"] = 1 },
                };
                await client.CoordinationV1.PatchNamespacedLeaseAsync(
                    new V1Patch(change.ToJsonString(), V1Patch.PatchType.MergePatch), lease, place, cancellationToken: limit.Token);
            }
        }
        catch (Exception e) when (ResourceStore.IsExpected(e))
        {
            logger.Information("The Lease {Lease} is left to expire: {Reason}", lease, ResourceStore.Reason(e));
        }
    }

    /// <summary>Each attempt to get or to renew the Lease begins by reading it.</summary>
    private sealed class WatchedLease(IKubernetes client, string place, string lease, string identity, Action attempt) : LeaseLock(client, place, lease, identity)
    {
        protected override Task<V1Lease> ReadMetaObjectAsync(IKubernetes client, string name, string namespaceParameter, CancellationToken cancellationToken)
        {
            attempt();
            return base.ReadMetaObjectAsync(client, name, namespaceParameter, cancellationToken);
        }
    }
}
