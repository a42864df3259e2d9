using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes;

/// <content>
/// A member whose own file is damaged no longer knows what it has promised. It is rebuilt as one that has nothing: all its collections are put
/// aside and copied anew, and before they are whole it promises and confirms nothing.
/// </content>
internal sealed partial class NodeActor
{
    private bool rebuilding;

    private void OnRebuild(ResyncCollection order)
    {
        if (order.Database.Length > 0 || rebuilding || !File.Exists(memberFile.Path))
        {
            Sender.Tell(Refusal(RefusalCode.WrongState, rebuilding ? "the member is being rebuilt already" : lastState.Reason));
            return;
        }

        rebuilding = true;
        var sender = Sender;
        Task.Run(() =>
        {
            foreach (var directory in CollectionsOnDisk())
            {
                CollectionStore.OrderResync(directory, options.Storage);
            }

            // Last: before, a restart finds the damaged file, and nothing has changed.
            var aside = memberFile.PutAside();
            memberFile.Write(MemberRecord.Fresh with { Epoch = order.Epoch });
            return aside;
        }).PipeTo(Self, Self, aside => new Rebuilt(sender, aside, ""), error => new Rebuilt(sender, "", error.Message));
    }

    private void OnRebuilt(Rebuilt rebuilt)
    {
        rebuilding = false;
        if (rebuilt.Failure.Length > 0)
        {
            log.Error("the member cannot be rebuilt: {0}", rebuilt.Failure);
            rebuilt.Sender.Tell(Refusal(RefusalCode.WrongState, $"the member cannot be rebuilt: {rebuilt.Failure}"));
            return;
        }

        log.Warning("the member is rebuilt: its collections are copied again; the damaged file is kept as {0}", rebuilt.Aside);
        rebuilt.Sender.Tell(new ResyncBegun(options.Node, "", "", options.DataDirectory));
        lastState = (NodeState.Recovering, "starts");
        Become(Starting);
        ReadFiles();
    }

    private IEnumerable<CollectionDirectory> CollectionsOnDisk() =>
        from database in Directory.GetDirectories(options.DataDirectory)
        from collection in Directory.GetDirectories(database)
        where File.Exists(Path.Combine(collection, "documents.sqlite"))
        let directory = CollectionDirectory.Of(collection)
        where directory is not null
        select directory;

    private sealed record Rebuilt(IActorRef Sender, string Aside, string Failure) : NodeInternal;
}
