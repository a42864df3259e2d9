using Akka.Actor;
using Akka.Event;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>
/// Copies the collection again from the primary: because an operator orders it, because its history is another one although positions and terms
/// say that it is the same, or because changes that it has confirmed are gone: a disk that had not kept what it said, a directory that was restored or
/// copied. The former files are kept.
/// </summary>
/// <param name="directory">Where the files are.</param>
/// <param name="stopWork">Ends a compaction that is under way, and pulls no more.</param>
internal sealed class CopyAnew(ICollection collection, CollectionDirectory directory, ExpectedFiles expected, Action stopWork)
{
    /// <summary>What the operator must learn; empty if nothing.</summary>
    public string Alarm { get; private set; } = expected.AnewBecause;

    /// <summary>Why it is copied again now, after an <see cref="Alarm"/> of the files before; else empty.</summary>
    public string Because => expected.AnewBecause;

    /// <summary>The files have less than this member has confirmed. They stay until a primary is there to copy from.</summary>
    public bool IsLost { get; private set; }

    /// <summary>The files are about to be moved aside: nothing is vouched for any more.</summary>
    public bool IsOrdered { get; private set; }

    /// <summary>At opening.</summary>
    public void CompareWithConfirmed()
    {
        var store = collection.Store;
        if (!store.IsComplete || store.Position.CompareTo(expected.Confirmed) >= 0)
        {
            return;
        }

        IsLost = true;
        Alarm = $"has lost changes: it had confirmed everything through change {expected.Confirmed.Seq} of term {expected.Confirmed.Term}, and its files end at "
            + $"{store.Position.Seq} of term {store.Position.Term}";
        collection.Log.Error("{0} {1}; it takes no part until it has been copied again from a primary", collection.Name, Alarm);
    }

    /// <summary>The source answers: there is something to copy from.</summary>
    public bool BeginIfLost()
    {
        if (IsLost && !IsOrdered)
        {
            Begin(Alarm);
        }

        return IsLost;
    }

    /// <summary>Nothing is pulled any more. If a new copy differs again, a further one would not help: that is for an operator.</summary>
    public void OnDifference(string difference)
    {
        if (expected.AnewBecause.Length > 0)
        {
            collection.Fail($"still has a different history than the primary after it was copied again: {difference}", new StorageException(difference));
        }
        else
        {
            Begin($"has a different history than the primary: {difference}");
        }
    }

    /// <summary>
    /// Once the order is on disk the actor is to be ended and started anew, whatever state the files are in. Nothing is vouched
    /// for from here on.
    /// </summary>
    /// <param name="because">What was found, for the operator; empty if he has ordered it.</param>
    public void Order(IActorRef sender, string because)
    {
        var name = collection.Name;
        if (IsOrdered)
        {
            sender.Tell(new ResyncOrdered(name, "", "it is already being moved aside"));
            return;
        }

        IsOrdered = true;
        var database = collection.Context.Parent;
        stopWork();
        collection.Report();
        var storage = collection.Options.Storage;
        collection.Lane.Run(
            () =>
            {
                CollectionStore.OrderResync(directory, storage);
                return true;
            },
            _ =>
            {
                collection.Log.Warning("{0}: its files are moved aside and it is copied again from the primary", name);
                sender.Tell(new ResyncOrdered(name, directory.RollBacks, ""));
                database.Tell(new BeginAnew(because), collection.Self);
            },
            error =>
            {
                IsOrdered = false;
                sender.Tell(new ResyncOrdered(name, "", error.Message));
            },
            reserved: true);
    }

    private void Begin(string because)
    {
        Alarm = because;
        collection.Log.Error("{0} {1}", collection.Name, because);
        Order(ActorRefs.Nobody, because);
    }
}
