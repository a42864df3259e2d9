using Akka.Actor;

namespace Orchestrator.Embedded.Nodes;

/// <summary>The catalog has a write's document, or refused it.</summary>
internal sealed record CatalogWritten(CatalogWritten.Purpose For, DataReply Reply) : NodeInternal
{
    public abstract record Purpose;

    public sealed record Created(CollectionName Name) : Purpose;

    public sealed record Changed(DataRequest Request, IActorRef Sender) : Purpose;

    public sealed record Dropped(CollectionName Name, int Incarnation, IActorRef Sender) : Purpose;

    /// <param name="Finally">Whether it lets the files be removed; else it is to be on a majority's disks first.</param>
    public sealed record Settled(CollectionName Name, int Times, bool Finally) : Purpose;
}
