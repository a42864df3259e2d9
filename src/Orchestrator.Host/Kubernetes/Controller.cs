using System.Collections.Concurrent;
using System.Net;
using k8s.Autorest;

namespace Orchestrator.Host.Kubernetes;

/// <summary>Has each object of a kind looked at when it has changed, when its reconciler wants to, and again after a failure.</summary>
internal sealed class Controller(ResourceStore store, IReconciler reconciler, TimeProvider time, Serilog.ILogger logger)
{
    private const int Workers = 4;

    private static readonly TimeSpan AfterConflict = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, LastingTrouble> _troubles = new(StringComparer.Ordinal);

    /// <summary>Works until it is cancelled.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        using var queue = new WorkQueue(time);
        var following = store.Follow(queue.Add, cancellationToken);
        var workers = Enumerable.Range(0, Workers).Select(_ => Work(queue, cancellationToken));
        await Task.WhenAll([following, .. workers]);
    }

    private async Task Work(WorkQueue queue, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            string name;
            try
            {
                name = await queue.Take(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var again = await Look(name, cancellationToken);
            queue.Done(name);
            if (again is { } delay)
            {
                queue.AddAfter(name, delay);
            }
        }
    }

    private async Task<TimeSpan?> Look(string name, CancellationToken cancellationToken)
    {
        if (store.Find(name) is not { } resource)
        {
            reconciler.Gone(name);
            _troubles.TryRemove(name, out _);
            return null;
        }

        try
        {
            var again = reconciler is IReleasingReconciler releasing
                ? await Keep(releasing, resource, cancellationToken)
                : await reconciler.Reconcile(resource, cancellationToken);
            if (_troubles.TryRemove(name, out var trouble))
            {
                trouble.Over();
            }

            return again;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            // It was deleted meanwhile; the watch will say so.
            return AfterFailure;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            // Somebody has changed it since it was read; the change is under way.
            return AfterConflict;
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested || ResourceStore.IsExpected(e))
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                _troubles.GetOrAdd(name, TroubleOf).Note(ResourceStore.Reason(e));
            }

            return AfterFailure;
        }
        catch (Exception e)
        {
            // One object that is not understood must not stop the others.
            logger.Error(e, "{Kind} {Name} could not be looked at", store.Kind.Kind, name);
            return AfterFailure * 6;
        }
    }

    private LastingTrouble TroubleOf(string name) =>
        new($"{store.Kind.Kind} {name} cannot be looked at", $"{store.Kind.Kind} {name} has been looked at again", time, logger);

    /// <summary>Nothing begins before the finalizer is there, and it stays until everything has ended.</summary>
    private async Task<TimeSpan?> Keep(IReleasingReconciler releasing, Resource resource, CancellationToken cancellationToken)
    {
        var isKept = resource.Finalizers.Contains(ResourceKind.Finalizer);
        switch (resource.IsBeingDeleted, isKept)
        {
            case (true, false):
                return null;
            case (true, true):
                var again = await releasing.Release(resource, cancellationToken);
                if (again is null)
                {
                    await store.Client.RemoveFinalizer(store.Kind, resource, cancellationToken);
                }

                return again;
            case (false, false) when releasing.Holds(resource):
                await store.Client.AddFinalizer(store.Kind, resource, cancellationToken);
                return null;
            default:
                return await releasing.Reconcile(resource, cancellationToken);
        }
    }
}
