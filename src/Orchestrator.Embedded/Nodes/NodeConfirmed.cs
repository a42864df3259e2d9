using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Files;

namespace Orchestrator.Embedded.Nodes;

/// <summary>
/// What this member has vouched for, beside its data: so that it finds out if it has lost some of it. A plain class on the node's mailbox.
/// </summary>
internal sealed class NodeConfirmed(INode node)
{
    private readonly MemberStateFile<ConfirmedPositions> _file = new(Path.Combine(node.Options.DataDirectory, NodeFiles.Confirmed));
    private ConfirmedPositions _confirmed = ConfirmedPositions.None;
    private ConfirmedPositions _onDisk = ConfirmedPositions.None;
    private bool _storing;

    /// <summary>May be called off the mailbox.</summary>
    public ConfirmedPositions? Read(out string? damage) => _file.ReadOrPutAside(out damage);

    public void Start(ConfirmedPositions onDisk) => _confirmed = _onDisk = onDisk;

    /// <summary>
    /// What a collection's files must have at least. Where there is no other member there is nothing to copy from, and the member goes on with what
    /// it has.
    /// </summary>
    public FeedPosition Expected(CollectionName name, int incarnation) =>
        node.Member is AppointedMember { Appointment.Members.Count: 1 } ? FeedPosition.Empty : _confirmed.Of(name, incarnation);

    public void Note(CollectionReport report)
    {
        WarnOfLostAlone(report);
        _confirmed = _confirmed.With(report);
    }

    public void Forget(CollectionName name, int incarnation) => _confirmed = _confirmed.Without(name, incarnation);

    public void Store()
    {
        if (_storing || _confirmed == _onDisk)
        {
            return;
        }

        _storing = true;
        var positions = _confirmed;
        Task.Run(() => _file.Write(positions)).PipeTo(
            node.Self, node.Self, () => new Stored(positions, ""), error => new Stored(null, error.Message));
    }

    /// <summary>What was confirmed last is noted before the node ends.</summary>
    public void StoreAtEnd()
    {
        if (_storing)
        {
            return;
        }

        if (_confirmed == _onDisk)
        {
            node.Context.Stop(node.Self);
        }
        else
        {
            Store();
        }
    }

    public void OnStored(Stored stored)
    {
        _storing = false;
        _onDisk = stored.Positions ?? _onDisk;
        if (stored.Failure.Length > 0)
        {
            node.Log.Warning("what this member has confirmed cannot be recorded: {0}", stored.Failure);
        }
    }

    public void OnPrimaryLacksChanges(PrimaryLacksChanges found)
    {
        if (found.Term == node.Member.Term)
        {
            node.Handle(new Resign(found.Cause), ActorRefs.Nobody);
        }
    }

    private void WarnOfLostAlone(CollectionReport report)
    {
        var before = _confirmed.Of(report.Name, report.Incarnation);
        if (node.Member is AppointedMember { Appointment.Members.Count: 1 } && report.Complete && report.Position.CompareTo(before) < 0
            && report.Position.Term == before.Term)
        {
            node.Log.Error(
                "{0} has lost changes: it had {1} and has {2}; no other member has a copy, so it goes on with that",
                report.Name, before, report.Position);
        }
    }

    internal sealed record Stored(ConfirmedPositions? Positions, string Failure) : NodeInternal;
}
