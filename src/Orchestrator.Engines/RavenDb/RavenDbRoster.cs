using System.Collections.Concurrent;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.RavenDb;

/// <summary>The nodes of one cluster and how each is reached. Safe for use from several threads.</summary>
internal sealed class RavenDbRoster(RavenDbClusterOptions options, TimeProvider time, Func<string, Uri, RavenDbCalls> connect) : IDisposable
{
    /// <summary>How long an answer of the leader does for the looks at the other members: less than the time between two looks at one.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<string, RavenDbMember> _nodes = new(StringComparer.Ordinal);
    private readonly Lock _asking = new();
    private (string Leader, long AskedAt, Task<RavenDbLags> Answer)? _last;

    public RavenDbClusterOptions Options => options;

    public TimeProvider Time => time;

    public IEnumerable<RavenDbMember> Nodes => _nodes.Values;

    public RavenDbMember? Find(string tag) => _nodes.GetValueOrDefault(tag);

    /// <exception cref="EngineException">The cluster has no such node.</exception>
    public RavenDbMember Node(string tag) => Find(tag) ?? throw new EngineException(EngineFault.WrongState, $"{options.Name} has no node {tag}");

    /// <summary>What the leader knows of all copies. Its members are looked at about the same time, and it is asked once for them.</summary>
    public Task<RavenDbLags> Lags(string leader, CancellationToken cancellationToken)
    {
        lock (_asking)
        {
            if (_last is not { } last || last.Leader != leader || (last.Answer.IsCompleted && time.GetElapsedTime(last.AskedAt) > Fresh))
            {
                _last = last = (leader, time.GetTimestamp(), RavenDbLags.Ask(Find(leader)));
            }

            return last.Answer.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Takes the cluster's nodes over, and lets those go that are no longer in it.</summary>
    public void Update(IReadOnlyDictionary<string, Uri> urls)
    {
        foreach (var (tag, url) in urls)
        {
            if (Find(tag) is { } known && known.Calls.Endpoint.Address == url)
            {
                continue;
            }

            Find(tag)?.Dispose();
            _nodes[tag] = new RavenDbMember(tag, this, connect($"node {tag}", url));
        }

        foreach (var gone in _nodes.Keys.Except(urls.Keys).ToList())
        {
            if (_nodes.TryRemove(gone, out var node))
            {
                node.Dispose();
            }
        }
    }

    public void Dispose()
    {
        foreach (var node in _nodes.Values)
        {
            node.Dispose();
        }
    }
}
