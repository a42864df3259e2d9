using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Host.Demo;

namespace Orchestrator.Cluster.Tests;

/// <summary>
/// The network between processes of one machine: each process listens on an address of its own in 127.0.0.0/8 and is
/// reached by the others through a proxy at its advertised one, which can hold up what flows from one to another. Held-up bytes
/// are not lost but late, as TCP makes them when a network is cut and healed.
/// </summary>
internal sealed class Links : IAsyncDisposable
{
    private readonly CancellationTokenSource ended = new();
    private readonly List<Task> listening = [];
    private readonly IReadOnlyList<NodePlace> places;
    private readonly Lock gate = new();
    private ImmutableHashSet<(string From, string To)> cuts = [];
    private TaskCompletionSource changed = New();

    /// <summary>Listens for all of them.</summary>
    public Links(IReadOnlyList<NodePlace> places)
    {
        this.places = places;
        foreach (var place in places)
        {
            var listener = new TcpListener(IPAddress.Parse(Advertised(place)), place.RemotingPort);
            listener.Start();
            listening.Add(Listen(listener, place));
        }
    }

    /// <summary>What a node's configuration must say for its remoting to go through here.</summary>
    public string Configuration(NodePlace place) => FormattableString.Invariant($$"""
        orchestrator.remoting {
          host = "{{Own(place)}}"
          advertised-host = "{{Advertised(place)}}"
          seed-nodes = [{{string.Join(", ", places.Select(other => FormattableString.Invariant($"\"{Advertised(other)}:{other.RemotingPort}\"")))}}]
        }
        """);

    /// <summary>From now on nothing that one node sends reaches the other.</summary>
    public void Cut(string from, string to) => Change(all => all.Add((from, to)));

    /// <summary>Everything flows again.</summary>
    public void Heal() => Change(_ => []);

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await Task.WhenAll(listening).ContinueWith(_ => { }, TaskScheduler.Default);
        ended.Dispose();
    }

    private string Own(NodePlace place) => $"127.0.2.{Number(place)}";

    private string Advertised(NodePlace place) => $"127.0.3.{Number(place)}";

    private int Number(NodePlace place) => places.ToList().IndexOf(place) + 1;

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Change(Func<ImmutableHashSet<(string, string)>, ImmutableHashSet<(string, string)>> change)
    {
        TaskCompletionSource before;
        lock (gate)
        {
            cuts = change(cuts);
            before = changed;
            changed = New();
        }

        before.SetResult();
    }

    private async Task Listen(TcpListener listener, NodePlace to)
    {
        using var connections = new CancellationTokenSource();
        try
        {
            while (true)
            {
                var incoming = await listener.AcceptTcpClientAsync(ended.Token);
                _ = Connect(incoming, to);
            }
        }
        finally
        {
            listener.Dispose();
        }
    }

    private async Task Connect(TcpClient incoming, NodePlace to)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
        using (incoming)
        {
            try
            {
                var first = new byte[64 * 1024];
                var length = await incoming.GetStream().ReadAsync(first, both.Token);
                var from = Introduced(first.AsSpan(0, length), to);
                using var outgoing = new TcpClient();
                await outgoing.ConnectAsync(IPAddress.Parse(Own(to)), to.RemotingPort, both.Token);
                await Flow(from, to.Name, both.Token);
                await outgoing.GetStream().WriteAsync(first.AsMemory(0, length), both.Token);
                await Task.WhenAny(
                    Pump(incoming, outgoing, from, to.Name, both.Token), Pump(outgoing, incoming, to.Name, from, both.Token));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // One side has gone; the other one is told by the end of its connection.
            }

            await both.CancelAsync();
        }
    }

    /// <summary>A connection begins with the address of the process that made it; that of the other end is left out.</summary>
    private string Introduced(ReadOnlySpan<byte> greeting, NodePlace to)
    {
        var text = Encoding.Latin1.GetString(greeting);
        return places.FirstOrDefault(place => place != to && text.Contains(Advertised(place), StringComparison.Ordinal))?.Name ?? "";
    }

    private async Task Pump(TcpClient source, TcpClient target, string from, string to, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await source.GetStream().ReadAsync(buffer, cancellationToken) is var length and > 0)
        {
            await Flow(from, to, cancellationToken);
            await target.GetStream().WriteAsync(buffer.AsMemory(0, length), cancellationToken);
        }
    }

    /// <summary>Completes when nothing holds up what flows this way.</summary>
    private async Task Flow(string from, string to, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (gate)
            {
                if (!cuts.Contains((from, to)))
                {
                    return;
                }

                change = changed.Task;
            }

            await change.WaitAsync(cancellationToken);
        }
    }
}
