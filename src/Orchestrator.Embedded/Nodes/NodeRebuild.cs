using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Storage;
using Orchestrator.Storage.Files;

namespace Orchestrator.Embedded.Nodes;

/// <summary>
/// A member whose own file is damaged no longer knows what it has promised. It is rebuilt as one that has nothing: all its collections are put
/// aside and copied anew, and before they are whole it promises and confirms nothing. A plain class on the node's mailbox.
/// </summary>
/// <param name="file">The damaged file.</param>
internal sealed class NodeRebuild(INode node, MemberStateFile<MemberRecord> file)
{
    private bool _rebuilding;

    /// <param name="reason">Why the member takes no part.</param>
    public void OnOrder(ResyncCollection order, string reason)
    {
        if (order.Database.Length > 0 || _rebuilding || !File.Exists(file.Path))
        {
            node.Sender.Tell(node.Refusal(RefusalCode.WrongState, _rebuilding ? "the member is being rebuilt already" : reason));
            return;
        }

        _rebuilding = true;
        var sender = node.Sender;
        Task.Run(() =>
        {
            foreach (var directory in CollectionsOnDisk())
            {
                CollectionStore.OrderResync(directory, node.Options.Storage);
            }

            // Last: before, a restart finds the damaged file, and nothing has changed.
            var aside = file.PutAside();
            file.Write(MemberRecord.Fresh with { Epoch = order.Epoch });
            return aside;
        }).PipeTo(node.Self, node.Self, aside => new Ended(sender, aside, ""), error => new Ended(sender, "", error.Message));
    }

    /// <returns>Whether the member can start.</returns>
    public bool OnEnded(Ended rebuilt)
    {
        _rebuilding = false;
        if (rebuilt.Failure.Length > 0)
        {
            node.Log.Error("the member cannot be rebuilt: {0}", rebuilt.Failure);
            rebuilt.Sender.Tell(node.Refusal(RefusalCode.Unavailable, $"the member cannot be rebuilt: {rebuilt.Failure}"));
            return false;
        }

        node.Log.Warning("the member is rebuilt: its collections are copied again; the damaged file is kept as {0}", rebuilt.Aside);
        rebuilt.Sender.Tell(new ResyncBegun(node.Options.Node, "", "", node.Options.DataDirectory));
        return true;
    }

    private IEnumerable<CollectionDirectory> CollectionsOnDisk() =>
        from database in Directory.GetDirectories(node.Options.DataDirectory)
        from collection in Directory.GetDirectories(database)
        where File.Exists(Path.Combine(collection, "documents.sqlite"))
        let directory = CollectionDirectory.Of(collection)
        where directory is not null
        select directory;

    internal sealed record Ended(IActorRef Sender, string Aside, string Failure) : NodeInternal;
}
