using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Replication;

namespace Orchestrator.Storage;

/// <summary>What must be so before the writer of a collection changes anything.</summary>
internal sealed class WriterTurn(OpenDocuments documents, CollectionGate gate, ReceivedRound round, FirstCopyReceiver firstCopy)
{
    /// <summary>For any change. A round that is being taken over comes to its end first.</summary>
    /// <exception cref="CollectionOfflineException"/>
    public DocumentsFile Begin()
    {
        gate.RequireOpen();
        round.FinishPublication();
        return documents.File;
    }

    /// <summary>For what changes this feed by itself: nothing is kept then of a source's feed that has not come to its end.</summary>
    /// <exception cref="CollectionOfflineException"/>
    public DocumentsFile BeginOwnFeed()
    {
        round.Drop();
        var writer = Begin();
        firstCopy.Drop();
        return writer;
    }
}
