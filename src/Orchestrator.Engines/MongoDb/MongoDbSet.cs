using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.MongoDb;

/// <summary>A replica set, or a standalone, as the drivers of its members see it together. Safe for use from several threads.</summary>
/// <param name="name">Name of the set; of a standalone the cluster's.</param>
internal sealed class MongoDbSet(string name, bool isReplicaSet, TimeProvider time)
{
    // A view of the primary that is older says nothing about who is behind now.
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    private volatile PrimaryView? _view;
    private volatile MongoDbSetConfiguration _configuration = new(name, [], TimeSpan.FromSeconds(10));
    private long _term;

    public string Name => name;

    public bool IsReplicaSet => isReplicaSet;

    public MongoDbSetConfiguration Configuration
    {
        get => _configuration;
        set => _configuration = value;
    }

    /// <summary>The highest term that a member has told.</summary>
    public long Term => Interlocked.Read(ref _term);

    /// <summary>What the primary itself knows of the set; null if nobody has asked it lately.</summary>
    public MongoDbStatus? PrimaryStatus => _view is { } view && time.GetElapsedTime(view.At) <= Memory ? view.Status : null;

    /// <summary>Takes down what a member has told.</summary>
    public void Learn(MongoDbStatus status)
    {
        for (var known = Term; status.Term > known; known = Term)
        {
            Interlocked.CompareExchange(ref _term, status.Term, known);
        }

        if (status.MyState == MongoDbStates.Primary)
        {
            _view = new PrimaryView(status, time.GetTimestamp());
        }
    }

    public ReplicaSetDefinition Define() => new(name, [.. Configuration.Members.Select(member => member.Name)]);

    private sealed record PrimaryView(MongoDbStatus Status, long At);
}
