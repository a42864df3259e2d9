using System.Collections.Concurrent;
using Akka.Actor;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Replication;

namespace Orchestrator.Embedded.Tests.Support;

/// <summary>Asks the node actors of the same process; any of them can be cut off.</summary>
internal sealed class InMemoryFeeds : IFeedClient
{
    private readonly ConcurrentDictionary<string, IActorRef> nodes = new();
    private readonly ConcurrentDictionary<string, bool> cutOff = new();
    private readonly ConcurrentDictionary<string, int> answersLeft = new();
    private readonly ConcurrentDictionary<string, bool> withoutVersions = new();
    private readonly ConcurrentDictionary<(string Reader, string Address, string Collection), int> asked = new();

    public void Add(string address, IActorRef node) => nodes[address] = node;

    /// <summary>Nobody reaches the node, and it reaches nobody.</summary>
    public void CutOff(string node) => cutOff[node] = true;

    public void Heal(string node) => cutOff.TryRemove(node, out _);

    /// <summary>From now on the node gets so many more pieces of the feed of <c>orders</c>; what it asks after that is still heard.</summary>
    public void LoseAnswersAfter(string node, int answers) => answersLeft[node] = answers;

    /// <summary>The node cannot read single versions until it may again.</summary>
    public void AllowVersions(string node, bool allowed) => withoutVersions[node] = !allowed;

    /// <summary>How often a node has asked another one for the changes of <c>orders</c>.</summary>
    public int Asked(string reader, string node) => asked.GetValueOrDefault((reader, TestNodes.Scheme + node, "orders"));

    public async Task<DataReply> ReadChangesAsync(string address, ReadChanges request, CancellationToken cancellationToken)
    {
        var reader = ((FeedReader.Member)request.Reader).Node;
        asked.AddOrUpdate((reader, address, request.Collection), 1, (_, count) => count + 1);
        var reply = await AskAsync(address, request, reader, cancellationToken);
        return request.Collection != "orders" || !answersLeft.ContainsKey(reader) || answersLeft.AddOrUpdate(reader, 0, (_, left) => left - 1) >= 0
            ? reply
            : throw new FeedUnreachableException($"{address} did not answer");
    }

    public Task<DataReply> ReadVersionAsync(string address, ReadVersion request, CancellationToken cancellationToken) =>
        withoutVersions.GetValueOrDefault(request.Reader.Node)
            ? throw new FeedUnreachableException($"{address} did not answer")
            : AskAsync(address, request, request.Reader.Node, cancellationToken);

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
