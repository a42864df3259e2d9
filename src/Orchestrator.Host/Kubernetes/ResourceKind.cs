namespace Orchestrator.Host.Kubernetes;

/// <summary>A kind of custom resource.</summary>
/// <param name="Plural">Its name in addresses.</param>
internal sealed record ResourceKind(string Kind, string Plural)
{
    public const string Group = "compaction.orchestrator.dev";

    public const string Version = "v1alpha1";

    /// <summary>As objects of the group name it.</summary>
    public const string ApiVersion = $"{Group}/{Version}";

    /// <summary>Keeps an object until what it has begun is ended.</summary>
    public const string Finalizer = $"{Group}/operator";

    public static ResourceKind Cluster { get; } = new("CompactionCluster", "compactionclusters");

    public static ResourceKind Run { get; } = new("CompactionRun", "compactionruns");

    public static ResourceKind Schedule { get; } = new("CompactionSchedule", "compactionschedules");

    public static ResourceKind Window { get; } = new("MaintenanceWindow", "maintenancewindows");

    public static ResourceKind Hold { get; } = new("MaintenanceHold", "maintenanceholds");
}
