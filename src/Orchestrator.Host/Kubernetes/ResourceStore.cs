using System.Collections.Concurrent;
using System.Net;
using k8s;
using k8s.Autorest;

namespace Orchestrator.Host.Kubernetes;

/// <summary>
/// The objects of one kind as they are: listed, then watched; listed again when the watch's version is too old or its connection is lost. Says
/// which objects have changed, and from time to time names all, in case something was missed.
/// </summary>
internal sealed class ResourceStore(ResourceClient client, ResourceKind kind, TimeSpan resync, TimeProvider time, Serilog.ILogger logger)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Resource> _resources = new(StringComparer.Ordinal);
    private readonly LastingTrouble _trouble = new($"{kind.Kind} cannot be followed", $"{kind.Kind} can be followed again", time, logger);
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ResourceKind Kind => kind;

    public ResourceClient Client => client;

    /// <summary>Completes when the objects have been listed once.</summary>
    public Task Listed => _listed.Task;

    public IEnumerable<Resource> All => _resources.Values;

    public Resource? Find(string name) => _resources.GetValueOrDefault(name);

    /// <summary>Follows the objects until it is cancelled.</summary>
    /// <param name="changed">Is told the names of objects that were added, changed or deleted.</param>
    public async Task Follow(Action<string> changed, CancellationToken cancellationToken)
    {
        var pause = ShortestPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var version = await ListAll(changed, cancellationToken);
                _trouble.Over();
                pause = ShortestPause;
                var listedAt = time.GetTimestamp();
                while (time.GetElapsedTime(listedAt) < resync)
                {
                    version = await WatchOnce(version, changed, cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (IsTooOld(e))
            {
                logger.Information("The watch of {Kind} is too far behind; all are listed again", kind.Kind);
            }
            catch (Exception e) when (IsExpected(e))
            {
                _trouble.Note(Reason(e));
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    /// <summary>What a call to the API server may end with, through no fault of this program.</summary>
    public static bool IsExpected(Exception e) =>
        e is HttpOperationException or HttpRequestException or KubernetesException or IOException or TimeoutException or OperationCanceledException
            or System.Net.Sockets.SocketException or System.Text.Json.JsonException;

    /// <summary>What the API server, or the way to it, has said.</summary>
    public static string Reason(Exception e) => e switch
    {
        HttpOperationException { Response: { } response } => $"status {(int)response.StatusCode}: {StatusDraft.Shortened(response.Content ?? "", 300)}",
        _ => e.GetBaseException().Message,
    };

    private static bool IsTooOld(Exception e) =>
        e is KubernetesException { Status.Code: (int)HttpStatusCode.Gone } or HttpOperationException { Response.StatusCode: HttpStatusCode.Gone };

    private async Task<string> ListAll(Action<string> changed, CancellationToken cancellationToken)
    {
        var (items, version) = await client.List(kind, cancellationToken);
        var names = items.Select(item => item.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var item in items)
        {
            _resources[item.Name] = item;
        }

        foreach (var gone in _resources.Keys.Where(name => !names.Contains(name)).ToList())
        {
            _resources.TryRemove(gone, out _);
            changed(gone);
        }

        foreach (var name in names)
        {
            changed(name);
        }

        _listed.TrySetResult();
        return version;
    }

    /// <summary>A watch that the server ends without an event is a normal end.</summary>
    /// <returns>The version from which on to go on.</returns>
    private async Task<string> WatchOnce(string version, Action<string> changed, CancellationToken cancellationToken)
    {
        var seen = version;
        try
        {
            await foreach (var (type, resource) in client.Watch(kind, version, cancellationToken))
            {
                seen = resource.Version.Length > 0 ? resource.Version : seen;
                if (type == WatchEventType.Deleted)
                {
                    _resources.TryRemove(resource.Name, out _);
                }
                else if (type is WatchEventType.Added or WatchEventType.Modified)
                {
                    _resources[resource.Name] = resource;
                }
                else
                {
                    continue;
                }

                changed(resource.Name);
            }
        }
        catch (Exception e) when (e is HttpRequestException { InnerException: EndOfStreamException } or EndOfStreamException)
        {
            return seen;
        }

        return seen;
    }
}
