using Akka.Event;
using Akka.Persistence;

namespace Orchestrator.Actors.Journals;

/// <summary>A persistent actor that says in a line, not in a stack trace, that its journal failed. It stops then.</summary>
internal abstract class JournaledActor : ReceivePersistentActor
{
    /// <summary>Stores facts together, applies each, then goes on. How long that took is published (<see cref="JournalWritten"/>).</summary>
    /// <param name="journal">Whose facts they are.</param>
    protected void StoreAll<T>(IReadOnlyList<T> facts, string journal, TimeProvider time, Action<T> apply, Action then)
    {
        var (left, begun, events) = (facts.Count, time.GetTimestamp(), Context.System.EventStream);
        PersistAll(facts, stored =>
        {
            apply(stored);
            if (--left == 0)
            {
                events.Publish(new JournalWritten(journal, time.GetElapsedTime(begun)));
                then();
            }
        });
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null) => TellFailure("cannot be read", reason);

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => TellFailure("cannot be written", cause);

    /// <param name="what">The rest of a sentence about its journal.</param>
    protected virtual void TellFailure(string what, Exception failure) =>
        Log.Warning("The journal of {0} {1}: {2}", PersistenceId, what, failure.GetBaseException().Message);
}
