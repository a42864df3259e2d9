using System.Collections.Concurrent;
using Akka.Actor;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Replication;

namespace Orchestrator.Actors.Tests.Support;

/// <summary>Asks the node actors of the same process; any of them can be cut off.</summary>
internal sealed class InMemoryFeeds : IFeedClient
{
    private readonly ConcurrentDictionary<string, IActorRef> nodes = new();
    private readonly ConcurrentDictionary<string, bool> cutOff = new();

    public void Add(string address, IActorRef node) => nodes[address] = node;

    /// <summary>Nobody reaches the node, and it reaches nobody.</summary>
    public void CutOff(string node) => cutOff[node] = true;

    public void Heal(string node) => cutOff.TryRemove(node, out _);

    public Task<DataReply> ReadChangesAsync(string address, ReadChanges request, CancellationToken cancellationToken) =>
        AskAsync(address, request, ((FeedReader.Member)request.Reader).Node, cancellationToken);

    public Task<DataReply> ReadVersionAsync(string address, ReadVersion request, CancellationToken cancellationToken) =>
        AskAsync(address, request, request.Reader.Node, cancellationToken);

    private async Task<DataReply> AskAsync(string address, DataRequest request, string reader, CancellationToken cancellationToken)
    {
        ThrowIfCutOff(address, reader);
        try
        {
            var reply = await nodes[address].Ask<DataReply>(request, cancellationToken);

            // What was on its way when the node was cut off is lost too.
            ThrowIfCutOff(address, reader);
            return reply;
        }
        catch (Exception e) when (e is OperationCanceledException or AskTimeoutException)
        {
            throw new FeedUnreachableException($"{address} did not answer", e);
        }
    }

    private void ThrowIfCutOff(string address, string reader)
    {
        if (cutOff.ContainsKey(address[TestNodes.Scheme.Length..]) || cutOff.ContainsKey(reader))
        {
            throw new FeedUnreachableException($"{address} is cut off from {reader}");
        }
    }
}
