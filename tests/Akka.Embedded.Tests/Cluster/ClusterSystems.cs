using Akka.Actor;
using Akka.Cluster;
using Akka.Embedded.Tests.Remote;
using ClusterExtensionOf = Akka.Cluster.Cluster;

namespace Akka.Embedded.Tests.Cluster;

/// <summary>Cluster nodes of one test in this process, with short times.</summary>
public sealed class ClusterSystems : IAsyncDisposable
{
    private const string Settings = """
        akka.actor.provider = cluster
        akka.remote.retry-gate-closed-for = 1 s
        akka.cluster {
          seed-node-timeout = 2 s
          gossip-interval = 200 ms
          leader-actions-interval = 200 ms
          unreachable-nodes-reaper-interval = 200 ms
          down-removal-margin = 600 ms
          failure-detector { heartbeat-interval = 200 ms, acceptable-heartbeat-pause = 3 s, expected-response-after = 500 ms }
          split-brain-resolver.stable-after = 1 s
        }
        """;

    public Systems Systems { get; } = new();

    /// <summary>Starts a node that joins the given seeds; without seeds it does not join by itself.</summary>
    public ActorSystem Start(string roles = "", int port = 0, string more = "", params ActorSystem[] seeds)
    {
        var seedNodes = seeds.Length == 0 ? "" : $"akka.cluster.seed-nodes = [{string.Join(',', seeds.Select(s => $"\"{Systems.AddressOf(s)}\""))}]";
        return Systems.Start($"{Settings}\nakka.cluster.roles = [{roles}]\n{seedNodes}\n{more}", port: port);
    }

    /// <summary>Starts nodes and waits until they are one cluster; the first one is the oldest.</summary>
    public async Task<ActorSystem[]> Form(int size, string roles = "")
    {
        var nodes = new List<ActorSystem>();
        for (var i = 0; i < size; i++)
        {
            var node = Start(roles);
            nodes.Add(node);
            Of(node).Join(Systems.AddressOf(nodes[0]));
            await AllUp([.. nodes]);
        }

        return [.. nodes];
    }

    public static ClusterExtensionOf Of(ActorSystem node) => ClusterExtensionOf.Get(node);

    public static Task AllUp(params ActorSystem[] nodes) => Systems.Eventually(
        () => nodes.All(n => Of(n).State.Members.Count == nodes.Length && Of(n).State.Members.All(m => m.Status == MemberStatus.Up)
            && Of(n).State.Unreachable.IsEmpty),
        $"{nodes.Length} members are Up on {nodes.Length} nodes");

    /// <summary>Cuts the node off for good, as the loss of its process would.</summary>
    public static void Kill(ActorSystem node) => ((ActorSystemImpl)node).ProviderImpl.Cast().Transport.Break();

    public async ValueTask DisposeAsync() => await Systems.DisposeAsync();
}
