using Akka.Actor;

namespace Orchestrator.Embedded.Nodes;

/// <content>Changes of duty, and the answers that say that nothing of the former one is under way any more.</content>
internal sealed partial class CollectionActor
{
    // An asker beyond gets no answer and asks again.
    private const int MaxDutyAskers = 1_000;

    // Those whose answer the next piece of work will give; the one under way was queued before they asked.
    private readonly List<IActorRef> dutyAskers = [];
    private bool dutyUnderWay;

    // The term that this member begins to lead, until the files know of it; else 0.
    private long termToStart;

    // What came from the source before must be forgotten before anything of the next one comes.
    private bool sourceToForget;

    /// <summary>
    /// From here on only the new duty counts: what waits under the former one is answered, and once what was under way
    /// has ended, the position is final for the former duty.
    /// </summary>
    private void BeginDuty(CollectionDuty next, IActorRef replyTo)
    {
        if (next != duty)
        {
            ChangeDuty(next);
        }

        if (dutyAskers.Count < MaxDutyAskers)
        {
            dutyAskers.Add(replyTo);
        }

        AwaitQuiet();
    }

    private void ChangeDuty(CollectionDuty next)
    {
        var sameReign = duty is CollectionDuty.Lead && next is CollectionDuty.Lead && next.Term == duty.Term && confirmations is not null;
        duty = next;
        RefuseQueuedWritesUnlessGranted();
        if (sameReign)
        {
            return;
        }

        StopPulling();
        GiveUpUnconfirmed("this member is no longer primary");
        confirmations = null;
        termToStart = 0;
        sourceToForget = true;
        RefuseMemberWaiters();
        if (next is CollectionDuty.Lead lead)
        {
            confirmations = new MajorityConfirmations(lead.Term, lead.Appointment.Primary, lead.Appointment.Members);
            termToStart = lead.Term;
        }
    }

    /// <summary>
    /// Queues one piece of work behind everything that is under way, however many ask: those who ask while it is under way
    /// are answered by the next one.
    /// </summary>
    private void AwaitQuiet()
    {
        // While the files are closed nothing is read or written for any duty; it is taken up afterwards.
        if (dutyUnderWay || offline)
        {
            return;
        }

        dutyUnderWay = true;
        var askers = dutyAskers.ToList();
        dutyAskers.Clear();
        var term = termToStart;
        var forget = sourceToForget;
        sourceToForget = false;
        lane.Run(
            () =>
            {
                if (forget)
                {
                    store.Feed.ForgetSource();
                }

                if (term > 0)
                {
                    store.Feed.StartTerm(term);
                }

                return true;
            },
            _ => Quiet(askers, term),
            error => NotQuiet(askers, error),
            reserved: true);
    }

    private void Quiet(List<IActorRef> askers, long startedTerm)
    {
        dutyUnderWay = false;
        if (termToStart == startedTerm)
        {
            termToStart = 0;
        }

        if (dutyAskers.Count > 0)
        {
            AwaitQuiet();
        }
        else
        {
            BeginPulling();
        }

        Report();
        AnswerDuty(askers);
    }

    private void NotQuiet(List<IActorRef> askers, Exception error)
    {
        dutyUnderWay = false;
        askers.AddRange(dutyAskers);
        dutyAskers.Clear();
        Failed($"cannot start its duty: {error.Message}", error);
        AnswerDuty(askers);
    }

    private void AnswerDuty(List<IActorRef> askers)
    {
        foreach (var asker in askers)
        {
            asker.Tell(new DutyTaken(lastReport));
        }
    }
}
