using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;

namespace Akka.Embedded.Tests.Cluster.Actors;

/// <summary>Actor systems of one cluster in this process, on free loopback ports, with short intervals.</summary>
public abstract class ClusterFixture : IAsyncLifetime
{
    private readonly List<ActorSystem> _systems = [];
    private int[] _ports = [];

    /// <summary>Far beyond what a slow machine needs; reached only when something never happens.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    protected IReadOnlyList<ActorSystem> Systems => _systems;

    public Task InitializeAsync()
    {
        _ports = FreePorts(8);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (var system in _systems)
        {
            await ((Akka.Actor.ActorSystemImpl)system).FinalTerminate();
        }
    }

    /// <summary>Starts a node with the first <paramref name="seeds"/> ports as seed nodes.</summary>
    protected ActorSystem Start(int index, int seeds, params string[] roles)
    {
        var seedNodes = string.Join(",", _ports.Take(seeds).Select(port => $"\"akka.tcp://demo@127.0.0.1:{port}\""));
        var config = ConfigurationFactory.ParseString($$"""
            akka.actor.provider = cluster
            akka.loglevel = WARNING
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = {{_ports[index]}} }
            akka.cluster {
              seed-nodes = [{{seedNodes}}]
              roles = [{{string.Join(",", roles)}}]
              gossip-interval = 100ms
              leader-actions-interval = 100ms
              unreachable-nodes-reaper-interval = 100ms
              split-brain-resolver.stable-after = 1s
              failure-detector { heartbeat-interval = 200ms, acceptable-heartbeat-pause = 2s }
            }
            """);
        var system = ActorSystem.Create("demo", config);
        _systems.Add(system);
        return system;
    }

    /// <summary>Ends a system as a kill does: without leaving the cluster.</summary>
    protected static Task Kill(ActorSystem system) => ((Akka.Actor.ActorSystemImpl)system).FinalTerminate();

    protected static Akka.Cluster.Cluster ClusterOf(ActorSystem system) => Akka.Cluster.Cluster.Get(system);

    protected static Task UpEverywhere(int members, params ActorSystem[] systems) => Eventually(
        () => systems.All(system => ClusterOf(system).State is { } state
            && state.Members.Count == members && state.Members.All(member => member.Status == MemberStatus.Up)),
        () => string.Join("; ", systems.Select(system => string.Join(", ", ClusterOf(system).State.Members))));

    protected static async Task Eventually(Func<bool> condition, Func<string> otherwise)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Not within {Patience}: {otherwise()}");
            }
        }
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Stop());
        return ports;
    }
}
