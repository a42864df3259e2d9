using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Files;

namespace Orchestrator.Embedded.Nodes;

/// <content>What this member has vouched for, beside its data: so that it finds out if it has lost some of it.</content>
internal sealed partial class NodeActor
{
    private readonly MemberStateFile<ConfirmedPositions> confirmedFile;
    private ConfirmedPositions confirmed = ConfirmedPositions.None;
    private ConfirmedPositions confirmedOnDisk = ConfirmedPositions.None;
    private bool storingConfirmed;
    private bool finalNote;

    private void ReceiveConfirmed()
    {
        Receive<ConfirmedStored>(stored =>
        {
            storingConfirmed = false;
            confirmedOnDisk = stored.Positions ?? confirmedOnDisk;
            if (stored.Failure.Length > 0)
            {
                log.Warning("what this member has confirmed cannot be recorded: {0}", stored.Failure);
            }
        });
        Receive<PrimaryLacksChanges>(found =>
        {
            if (found.Term == member.Term)
            {
                Handle(new Resign(found.Cause), ActorRefs.Nobody);
            }
        });
    }

    /// <summary>
    /// What a collection's files must have at least. Where there is no other member there is nothing to copy from, and the member goes on with what
    /// it has.
    /// </summary>
    private FeedPosition Expected(CollectionName name, int incarnation) =>
        member is AppointedMember { Appointment.Members.Count: 1 } ? FeedPosition.Empty : confirmed.Of(name, incarnation);

    private void StoreConfirmed()
    {
        if (storingConfirmed || confirmed == confirmedOnDisk)
        {
            return;
        }

        storingConfirmed = true;
        var positions = confirmed;
        Task.Run(() => confirmedFile.Write(positions)).PipeTo(
            Self, Self, () => new ConfirmedStored(positions, ""), error => new ConfirmedStored(null, error.Message));
    }

    /// <summary>What was confirmed last is noted before the node ends.</summary>
    private void NoteConfirmedAtEnd()
    {
        if (storingConfirmed)
        {
            return;
        }

        if (confirmed == confirmedOnDisk)
        {
            Context.Stop(Self);
        }
        else
        {
            StoreConfirmed();
        }
    }

    private void WarnOfLostAlone(CollectionReport report)
    {
        var before = confirmed.Of(report.Name, report.Incarnation);
        if (member is AppointedMember { Appointment.Members.Count: 1 } && report.Complete && report.Position.CompareTo(before) < 0
            && report.Position.Term == before.Term)
        {
            log.Error(
                "{0} has lost changes: it had {1} and has {2}; no other member has a copy, so it goes on with that",
                report.Name, before, report.Position);
        }
    }

    private sealed record ConfirmedStored(ConfirmedPositions? Positions, string Failure) : NodeInternal;
}
