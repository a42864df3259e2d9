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

/// <summary>One of objects that stand for something that must end before they go: each has a finalizer until then.</summary>
internal interface IReleasingReconciler : IReconciler
{
    /// <summary>Whether an object stands for something that is not over yet, so that it gets the finalizer before anything begins.</summary>
    bool Holds(Resource resource) => true;

    /// <summary>Ends what an object that is being deleted stands for, a step at a time.</summary>
    /// <returns>When to look again; null: it has ended, and the object may go.</returns>
    Task<TimeSpan?> Release(Resource resource, CancellationToken cancellationToken);
}
