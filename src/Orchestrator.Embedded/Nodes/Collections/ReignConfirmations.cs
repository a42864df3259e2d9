using Akka.Actor;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>While this member leads: what the other members have confirmed, and the writes that wait for a majority of them.</summary>
internal sealed class ReignConfirmations(ICollection collection, DeadlineTimer deadlines)
{
    // Null while this member does not lead.
    private MajorityConfirmations? _reign;

    /// <summary>Writes that wait for a majority.</summary>
    public int Waiting => _reign?.Waiting ?? 0;

    public bool HasBegun => _reign is not null;

    /// <summary>What is known while this member leads; null while it does not.</summary>
    public MajorityConfirmations? Known => collection.Duty is CollectionDuty.Lead ? _reign : null;

    public void Begin(CollectionDuty.Lead lead) =>
        _reign = new MajorityConfirmations(lead.Term, lead.Appointment.Primary, lead.Appointment.Members);

    /// <summary>The reign is over: nobody confirms anything of it any more.</summary>
    public void End(string reason)
    {
        GiveUp(reason);
        _reign = null;
    }

    /// <summary>Answers a write of a term when a majority has it.</summary>
    public void Await(IActorRef sender, long sequence, long term, DataReply reply)
    {
        if (_reign is not { } reign || reign.Term != term)
        {
            sender.Tell(new WriteNotConfirmed("this member stopped being primary before a majority had the write"));
            return;
        }

        var deadline = collection.Now + collection.Options.ConfirmationTimeout;
        reign.Await(new UnconfirmedWrite(sender, sequence, deadline, reply));
        deadlines.At(deadline);
    }

    /// <summary>A member's question tells what it has on disk.</summary>
    public void Note(FeedReader.Member reader)
    {
        if (Known is not { } reign || reader.Term != reign.Term)
        {
            return;
        }

        reign.Confirm(reader.Node, reader.Confirmed);
        AnswerConfirmed();
        collection.Node.Tell(new MemberContacted(reader.Node, reader.Term));
    }

    public void AnswerConfirmed()
    {
        foreach (var write in _reign?.TakeConfirmed() ?? [])
        {
            write.Sender.Tell(write.Reply);
        }
    }

    public void GiveUp(string reason)
    {
        foreach (var write in _reign?.TakeAll() ?? [])
        {
            write.Sender.Tell(new WriteNotConfirmed(reason));
        }
    }

    public void Expire(DateTimeOffset now)
    {
        foreach (var write in _reign?.TakeExpired(now) ?? [])
        {
            write.Sender.Tell(new WriteNotConfirmed(
                $"a majority did not confirm within {collection.Options.ConfirmationTimeout.TotalSeconds:0.#} s"));
        }

        if (_reign?.NextDeadline is { } next)
        {
            deadlines.At(next);
        }
    }
}
