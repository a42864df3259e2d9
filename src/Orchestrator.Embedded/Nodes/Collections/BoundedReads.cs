using Akka.Actor;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>Runs reads off the mailbox, so many at a time.</summary>
/// <param name="lookUpFailure">The answer to a look-up in an index that is not there, or not yet. Any thread.</param>
internal sealed class BoundedReads(ICollection collection, CollectionAccess access, Func<string, DataReply> lookUpFailure)
{
    private int _atWork;

    /// <summary>Answers the sender of the message at work, unless it is refused.</summary>
    /// <param name="anyMember">Whether it need not be the primary's data.</param>
    /// <param name="work">Any thread.</param>
    public void ReadAs(bool anyMember, Func<DataReply> work)
    {
        if (access.ReadRefusal(anyMember) is { } refusal)
        {
            collection.Sender.Tell(refusal);
            return;
        }

        Read(collection.Sender, work);
    }

    public void Read(IActorRef sender, Func<DataReply> work)
    {
        var most = collection.Options.MaxReaders;
        if (Interlocked.Increment(ref _atWork) > most)
        {
            Interlocked.Decrement(ref _atWork);
            sender.Tell(new DataUnavailable($"{most} reads of {collection.Name} are already running", CollectionAccess.RetryAfter));
            return;
        }

        Task.Run(() =>
        {
            try
            {
                return work();
            }
            finally
            {
                Interlocked.Decrement(ref _atWork);
            }
        }).PipeTo(sender, collection.Self, failure: error => Failure(error));
    }

    private DataReply Failure(Exception error) => error switch
    {
        UnknownIndexException unknown => lookUpFailure(unknown.Index),
        IndexBeingBuiltException unbuilt => lookUpFailure(unbuilt.Index),
        ArgumentException argument => DataInvalid.Of(argument, "request"),
        _ => new DataUnavailable($"{collection.Name} cannot be read: {FoundDamage.Reason(collection, error)}", CollectionAccess.RetryAfter),
    };
}
