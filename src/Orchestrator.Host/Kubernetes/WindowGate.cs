using Orchestrator.Core.Windows;

namespace Orchestrator.Host.Kubernetes;

/// <summary>Whether the MaintenanceWindows that an object names are open; those of its CompactionCluster where it names none.</summary>
internal sealed class WindowGate(ResourceStore windows, ResourceStore clusters)
{
    /// <summary>Completes when the clusters have been listed once: until then none would seem to name a window.</summary>
    public Task Ready => clusters.Listed;

    /// <summary>Why nothing may be done now; null if it may. With no window named it may at any time.</summary>
    public (string Reason, string Message)? ReasonAgainst(Resource resource, DateTimeOffset now)
    {
        var names = NamesIn(resource);
        if (names.Count == 0 && resource.Text("spec", "window").Length == 0 && clusters.Find(resource.Text("spec", "clusterRef", "name")) is { } cluster)
        {
            names = NamesIn(cluster);
        }

        if (names.Count == 0)
        {
            return null;
        }

        var found = new List<MaintenanceWindow>();
        foreach (var name in names)
        {
            if (windows.Find(name) is not { } window)
            {
                return ("WindowNotFound", $"there is no MaintenanceWindow {name}");
            }

            if (WindowSpec.Read(window, out var problem) is not { } read)
            {
                return ("WindowInvalid", $"MaintenanceWindow {name} is not valid: {problem}");
            }

            found.Add(read);
        }

        var status = new WindowCalendar(found).StatusAt(now);
        return status.Open ? null : ("WindowClosed", status.Sentence);
    }

    private static IReadOnlyList<string> NamesIn(Resource resource) => resource.Find("spec", "windowRefs") is System.Text.Json.Nodes.JsonArray refs
        ? [.. refs.Select(entry => entry?["name"]?.ToString() ?? "")]
        : [];
}
