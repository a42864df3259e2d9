using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Orchestrator.Host.Kubernetes;

/// <summary>The calls to the API server for the custom resources of one namespace. Each ends by itself, however the server behaves.</summary>
internal sealed class ResourceClient(IKubernetes client, string place, string identity, TimeProvider time)
{
    /// <summary>Who has written a field, and who tells events.</summary>
    public const string Manager = "compaction-orchestrator";

    private const int PageSize = 500;
    private const int WatchSeconds = 240;

    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);

    public string Namespace => place;

    /// <summary>All objects of a kind, and the version from which on to watch.</summary>
    public async Task<(IReadOnlyList<Resource> Items, string Version)> List(ResourceKind kind, CancellationToken cancellationToken)
    {
        var items = new List<Resource>();
        string? next = null;
        while (true)
        {
            var page = await Limited(
                token => client.CustomObjects.ListNamespacedCustomObjectAsync<JsonElement>(
                    ResourceKind.Group, ResourceKind.Version, place, kind.Plural, continueParameter: next, limit: PageSize, cancellationToken: token),
                cancellationToken);
            items.AddRange(page.GetProperty("items").EnumerateArray().Select(item => Resource.From(item)));
            var metadata = page.GetProperty("metadata");
            next = metadata.TryGetProperty("continue", out var more) ? more.GetString() : null;
            if (string.IsNullOrEmpty(next))
            {
                return (items, metadata.GetProperty("resourceVersion").GetString()!);
            }
        }
    }

    /// <summary>
    /// What changes after a version, until the server ends the watch or has said nothing for longer than a watch lasts. The version being
    /// too old is an exception.
    /// </summary>
    public async IAsyncEnumerable<(WatchEventType Type, Resource Resource)> Watch(
        ResourceKind kind, string version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(WatchSeconds) + CallLimit);
        Exception? trouble = null;
        var events = client.CustomObjects.WatchListNamespacedCustomObjectAsync(
            ResourceKind.Group,
            ResourceKind.Version,
            place,
            kind.Plural,
            resourceVersion: version,
            timeoutSeconds: WatchSeconds,
            onError: error => trouble ??= error,
            cancellationToken: limit.Token);
        await foreach (var (type, given) in events.WithCancellation(limit.Token))
        {
            if (given is JsonElement or JsonObject)
            {
                yield return (type, Resource.From(given));
            }
        }

        if (trouble is not null)
        {
            throw trouble;
        }
    }

    /// <summary>Keeps an object until <see cref="RemoveFinalizer"/>; refused as a conflict if it has changed since.</summary>
    public Task AddFinalizer(ResourceKind kind, Resource resource, CancellationToken cancellationToken) =>
        SetFinalizers(kind, resource, resource.Finalizers.Append(ResourceKind.Finalizer), cancellationToken);

    /// <summary>Lets an object go; refused as a conflict if it has changed since.</summary>
    public Task RemoveFinalizer(ResourceKind kind, Resource resource, CancellationToken cancellationToken) =>
        SetFinalizers(kind, resource, resource.Finalizers.Where(name => name != ResourceKind.Finalizer), cancellationToken);

    /// <summary>Writes a status that says something new; refused as a conflict if the object has changed since.</summary>
    /// <returns>Whether there was anything new.</returns>
    public async Task<bool> Write(ResourceKind kind, Resource resource, StatusDraft draft, CancellationToken cancellationToken)
    {
        if (!draft.IsNews)
        {
            return false;
        }

        await Limited(
            token => client.CustomObjects.PatchNamespacedCustomObjectStatusAsync<JsonElement>(
                Merge(WithVersion(resource, new JsonObject { ["status"] = draft.Content })),
                ResourceKind.Group,
                ResourceKind.Version,
                place,
                kind.Plural,
                resource.Name,
                fieldManager: Manager,
                cancellationToken: token),
            cancellationToken);
        return true;
    }

    /// <summary>Makes an object; that there is one of its name already is no error.</summary>
    public async Task Create(ResourceKind kind, JsonObject content, CancellationToken cancellationToken)
    {
        try
        {
            await Limited(
                token => client.CustomObjects.CreateNamespacedCustomObjectAsync<JsonElement>(
                    content, ResourceKind.Group, ResourceKind.Version, place, kind.Plural, fieldManager: Manager, cancellationToken: token),
                cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            // The name says what it is for: an earlier attempt has made it.
        }
    }

    public async Task Delete(ResourceKind kind, Resource resource, CancellationToken cancellationToken)
    {
        try
        {
            await Limited(
                token => client.CustomObjects.DeleteNamespacedCustomObjectAsync(
                    ResourceKind.Group,
                    ResourceKind.Version,
                    place,
                    kind.Plural,
                    resource.Name,
                    new V1DeleteOptions { PropagationPolicy = "Background", Preconditions = new V1Preconditions { Uid = resource.Uid } },
                    cancellationToken: token),
                cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // It is gone already.
        }
    }

    /// <summary>Tells an event about an object, which <c>kubectl describe</c> shows.</summary>
    /// <param name="isWarning">Whether somebody should look.</param>
    public Task Tell(Resource about, string reason, string message, bool isWarning, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var told = new Corev1Event
        {
            Metadata = new V1ObjectMeta { GenerateName = $"{about.Name[..Math.Min(about.Name.Length, 200)]}-", NamespaceProperty = place },
            InvolvedObject = new V1ObjectReference
            {
                ApiVersion = ResourceKind.ApiVersion,
                Kind = about.Kind,
                Name = about.Name,
                NamespaceProperty = place,
                Uid = about.Uid,
                ResourceVersion = about.Version,
            },
            Reason = reason,
            Message = StatusDraft.Shortened(message, 1000),
            Type = isWarning ? "Warning" : "Normal",
            Source = new V1EventSource { Component = Manager },
            ReportingComponent = Manager,
            ReportingInstance = identity,
            FirstTimestamp = now,
            LastTimestamp = now,
            Count = 1,
        };
        return Limited(token => client.CoreV1.CreateNamespacedEventAsync(told, place, cancellationToken: token), cancellationToken);
    }

    private Task SetFinalizers(ResourceKind kind, Resource resource, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var change = new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray([.. names.Select(name => (JsonNode)name)]) } };
        return Limited(
            token => client.CustomObjects.PatchNamespacedCustomObjectAsync<JsonElement>(
                Merge(WithVersion(resource, change)), ResourceKind.Group, ResourceKind.Version, place, kind.Plural, resource.Name, fieldManager: Manager, cancellationToken: token),
            cancellationToken);
    }

    private static V1Patch Merge(JsonObject change) => new(change.ToJsonString(), V1Patch.PatchType.MergePatch);

    private static JsonObject WithVersion(Resource resource, JsonObject change)
    {
        var metadata = change["metadata"] as JsonObject ?? [];
        metadata["resourceVersion"] = resource.Version;
        change["metadata"] = metadata;
        return change;
    }

    /// <summary>A call that ends after a while, whatever the connection does.</summary>
    internal static async Task<T> Limited<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CallLimit);
        try
        {
            return await call(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"the API server did not answer within {CallLimit.TotalSeconds:0} seconds");
        }
    }
}
