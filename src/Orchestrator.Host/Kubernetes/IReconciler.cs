namespace Orchestrator.Host.Kubernetes;

/// <summary>Brings what is so into line with what an object says, a step at a time; looking twice does no harm.</summary>
internal interface IReconciler
{
    ResourceKind Kind { get; }

    /// <summary>Looks at an object and does what comes next; never waits for work itself.</summary>
    /// <returns>When to look again without a change; null: not before there is one.</returns>
    Task<TimeSpan?> Reconcile(Resource resource, CancellationToken cancellationToken);

    /// <summary>An object is not there any more.</summary>
    void Gone(string name)
    {
    }
}
